"""Every way in which the banking room says no to a person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class CardNumberWrong(Refusal):
    """The digits cannot be a card number: wrong length, other signs, or the check digit fails."""

    def __init__(self) -> None:
        super().__init__(
            _("This card number cannot be right. Check its 16 to 19 digits against the card."),
            code="card.number",
            field="number",
        )


class CardNotLinkable(Refusal):
    """We do not take this card. One wording for every reason, so that nobody learns from it
    whether a card belongs to another customer."""

    def __init__(self) -> None:
        super().__init__(
            _("This card cannot be linked here. Check the number, or use another bank card."),
            code="card.not_linkable",
            field="number",
        )


class CardLinkedAlready(Refusal):
    """The person has linked this card before."""

    def __init__(self) -> None:
        super().__init__(
            _("You have linked this card already. You find it among your cards."),
            code="card.linked_already",
            field="number",
        )


class CardHolderDiffers(Refusal):
    """Only one's own card may be linked: the holder must be the wallet's owner."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is not the name of the wallet's owner. Only your own card can be linked; "
                "write the name as it stands on your ID card."
            ),
            code="card.holder_differs",
            field="holder_name",
        )


class IdentityNeeded(Refusal):
    """A wallet opened with a phone number alone has no name to compare with the card's."""

    def __init__(self) -> None:
        super().__init__(
            _("Add your name and ID number first; then you can link a card in your name."),
            code="card.identity_needed",
        )


class TooManyCards(Refusal):
    """The most cards one person may have linked at a time."""

    def __init__(self, most: int) -> None:
        super().__init__(
            _("You can have at most %(most)s linked cards. Remove one before you add another."),
            code="card.too_many",
            params={"most": most},
        )


class CardInUse(Refusal):
    """Money is still on its way from or to the card."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Money is still on its way from or to this card. Wait for the result, then "
                "remove the card."
            ),
            code="card.in_use",
        )


class DraftExpired(Refusal):
    """The card was entered too long ago, or its code was used."""

    def __init__(self) -> None:
        super().__init__(
            _("This took too long. Nothing was linked; please enter the card again."),
            code="card.draft_expired",
        )


class BalanceCapReached(Refusal):
    """The wallet would hold more than its class allows, top-ups on their way included."""

    def __init__(self, *, cap: str, room: str) -> None:
        super().__init__(
            _(
                "Your wallet may hold %(cap)s. You can add %(room)s at the moment, top-ups on "
                "their way included. No money was taken; choose a smaller amount."
            ),
            code="limit.balance_cap",
            params={"cap": cap, "room": room},
            field="amount",
        )


class CardGone(Refusal):
    """The card of a prepared top-up or withdrawal has been removed since."""

    def __init__(self) -> None:
        super().__init__(
            _("This card is no longer linked. No money has moved; choose another card."),
            code="card.gone",
            field="card",
        )
