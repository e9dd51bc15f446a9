"""Linking a bank card: number, holder, code to the phone; and removing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.changes.errors import CannotUndo
from accounts.changes.services import note_change
from accounts.changes.undoing import register
from accounts.identity.checking import check_card
from accounts.identity.selectors import assurance_level, name_matches
from accounts.identity.services import raise_assurance
from accounts.identity.vault import blind_indexes, decrypt, encrypt
from accounts.phone.services import request_code, verify_code
from accounts.phone.states import Asker
from accounts.security.throttle import hit
from accounts.users.models import User
from payments.banking.errors import (
    CardHolderDiffers,
    CardInUse,
    CardLinkedAlready,
    CardNotLinkable,
    DraftExpired,
    IdentityNeeded,
    TooManyCards,
)
from payments.banking.models import CardDraft, LinkedCard
from payments.banking.numbers import clean_card_number
from payments.banking.selectors import (
    MOST_CARDS,
    find_card_holder,
    has_open_orders,
    list_cards,
)
from payments.wallets.services import lock_wallet, match_wallet_class, open_wallet

if TYPE_CHECKING:
    from accounts.changes.models import Change
    from accounts.security.models import UserSession

CODE_PURPOSE = "card_link"
REMOVED = "card.removed"


def start_card_link(
    *, user: User, number: str, holder_name: str, session_key: str, address: str
) -> CardDraft:
    """Check a card and send a code to the owner's phone; nothing is linked yet.

    Call it outside every transaction: tries and codes are counted in their own. Raises
    TooManyRequests, IdentityNeeded, CardNumberWrong, CardHolderDiffers, CardNotLinkable,
    CardLinkedAlready, TooManyCards, and what `request_code` raises.
    """
    if assurance_level(user) == "phone":
        raise IdentityNeeded
    hit(action="card.add", person=str(user.public_id))
    digits = clean_card_number(number)
    if not name_matches(user, holder_name):
        raise CardHolderDiffers
    index = card_indexes(digits)[0]
    _check_free(user=user, digits=digits)
    check_card(user=user, card_number=digits)
    challenge = request_code(
        purpose=CODE_PURPOSE,
        phone=str(user.phone),
        session_key=session_key,
        address=address,
        asker=Asker.OWN,
        user=user,
        bound_to=f"card|{index}",
        message_params={"last4": digits[-4:]},
    )
    return _new_draft(user=user, digits=digits, challenge_id=challenge.public_id)


def link_proved_card(*, user: User, number: str) -> LinkedCard:
    """Link a card whose holder was proved elsewhere: at a counter of the bank, or as demo data.

    Raises IdentityNeeded, CardNumberWrong, CardNotLinkable, CardLinkedAlready, TooManyCards.
    """
    if assurance_level(user) == "phone":
        raise IdentityNeeded
    digits = clean_card_number(number)
    try:
        with transaction.atomic(durable=True):
            return _link(_new_draft(user=user, digits=digits, challenge_id=uuid4()), address="")
    except IntegrityError:
        raise CardNotLinkable from None


def finish_card_link(
    *,
    draft: CardDraft,
    code: str,
    session_key: str,
    address: str,
    session: UserSession | None = None,
) -> LinkedCard:
    """Check the code and link the card; the person is known better from now on, and a wallet of
    class III becomes one of class II.

    The code is checked in its own committed transaction first, so call it outside any. Raises
    what `verify_code` raises, DraftExpired, CardNotLinkable, CardLinkedAlready, TooManyCards.
    """
    challenge = verify_code(challenge_id=draft.challenge_id, code=code, session_key=session_key)
    # A code answers for one card only: the one its message named.
    if challenge.bound_to != f"card|{draft.number_index}":
        raise DraftExpired
    try:
        with transaction.atomic(durable=True):
            return _link(draft, address=address, session=session)
    except IntegrityError:
        # Somebody linked the same card in this moment: the constraint decided.
        raise CardNotLinkable from None


def card_indexes(digits: str) -> list[str]:
    """The blind index of a card number under every accepted key, the newest first."""
    return blind_indexes(f"card|{digits}")


def _new_draft(*, user: User, digits: str, challenge_id: UUID) -> CardDraft:
    return CardDraft.objects.create(
        owner=user,
        challenge_id=challenge_id,
        number_token=encrypt(digits),
        number_index=card_indexes(digits)[0],
        bank_bin=digits[:6],
        last4=digits[-4:],
    )


def _link(draft: CardDraft, *, address: str, session: UserSession | None = None) -> LinkedCard:
    """Use the draft up, write the card and all that follows from it; in a transaction."""
    used = draft.is_open and CardDraft.objects.filter(pk=draft.pk, used_at=None).update(
        used_at=timezone.now()
    )
    if not used:
        raise DraftExpired
    owner = draft.owner
    # One at a time per person, so that the most cards is the most.
    lock_wallet(open_wallet(user=owner).pk)
    _check_free(user=owner, digits=decrypt(draft.number_token))
    card = LinkedCard.objects.create(
        owner=owner,
        number_token=draft.number_token,
        number_index=draft.number_index,
        bank_bin=draft.bank_bin,
        last4=draft.last4,
    )
    note_change(
        user=owner,
        kind="card.linked",
        session=session,
        address=address,
        details={"bank": card.bank_bin, "last4": card.last4},
    )
    raise_assurance(user=owner, level="card", reason="own bank card linked")
    match_wallet_class(user=owner)
    return card


def _check_free(*, user: User, digits: str) -> None:
    """Raise unless this person may link the card with this number."""
    held = find_card_holder(card_indexes(digits))
    if held is not None:
        raise CardLinkedAlready if held.owner_id == user.pk else CardNotLinkable
    if list_cards(user).count() >= MOST_CARDS:
        raise TooManyCards(MOST_CARDS)


def remove_card(*, card: LinkedCard, address: str, session: UserSession | None = None) -> None:
    """Unlink a card. The wallet keeps its class: who the owner is has been proved.

    Raises CardInUse while money is on its way. Removing twice is fine.
    """
    with transaction.atomic(durable=True):
        card = LinkedCard.objects.select_for_update(no_key=True).get(pk=card.pk)
        if card.removed_at is not None:
            return
        if has_open_orders(card):
            raise CardInUse
        card.removed_at = timezone.now()
        card.save(update_fields=["removed_at"])
        note_change(
            user=card.owner,
            kind=REMOVED,
            session=session,
            address=address,
            details={"bank": card.bank_bin, "last4": card.last4},
            undo={"card": card.pk},
        )


def link_again(change: Change, kept: Mapping[str, Any]) -> None:
    """Undo a removal: the same card is linked as before. Joins the caller's transaction.

    Raises `CannotUndo` when somebody has linked the card since, and `TooManyCards`.
    """
    lock_wallet(open_wallet(user=change.user).pk)
    if list_cards(change.user).count() >= MOST_CARDS:
        raise TooManyCards(MOST_CARDS)
    try:
        with transaction.atomic():
            linked = LinkedCard.objects.filter(
                pk=kept["card"], owner=change.user, removed_at__isnull=False
            ).update(removed_at=None)
    except IntegrityError:
        raise CannotUndo from None
    if not linked:
        raise CannotUndo


def register_undo() -> None:
    """Make the removal of a card a change that can be taken back."""
    register(kind=REMOVED, says=_("The card is linked again."), carry_out=link_again)
