"""How a transfer is refused before it is written down."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class PayeeUnknown(Refusal):
    """Nobody can be paid under this number; why is not said."""

    def __init__(self) -> None:
        super().__init__(
            _("No wallet has this number. Check it, or ask them to open one."),
            code="payee.none",
            field="payee",
        )


class PayeeIsPayer(Refusal):
    """The number is the payer's own."""

    def __init__(self) -> None:
        super().__init__(
            _("This is your own wallet. Enter the number of the person you want to pay."),
            code="payee.self",
            field="payee",
        )


class NoteRefused(Refusal):
    """Longer than a note may be."""

    def __init__(self, *, most: int, typed: int) -> None:
        super().__init__(
            _("A note has at most %(most)s characters; this one has %(typed)s. Shorten it."),
            code="note.long",
            params={"most": most, "typed": typed},
            field="note",
        )


class AmountRefused(Refusal):
    """The text is no amount; the sentence is that of the books."""

    def __init__(self, *, message: str, code: str) -> None:
        super().__init__(message, code=code, field="amount")
