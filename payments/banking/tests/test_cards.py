"""Linking a card: number, name, code; one holder; what it changes."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.changes.errors import CannotUndo
from accounts.changes.models import Change
from accounts.changes.services import undo_change
from accounts.identity.selectors import assurance_level, full_name
from accounts.phone.errors import CodeDead, CodeWrong
from accounts.users.models import User
from payments.banking.errors import (
    CardHolderDiffers,
    CardInUse,
    CardLinkedAlready,
    CardNotLinkable,
    CardNumberWrong,
    DraftExpired,
    IdentityNeeded,
)
from payments.banking.models import CardDraft, LinkedCard
from payments.banking.services import finish_card_link, remove_card, start_card_link
from payments.banking.tests.builders import SESSION, authorised, card_number, link_card
from payments.wallets.selectors import get_wallet_for, limit_state
from payments.wallets.services import open_wallet
from tests.cast import make_customer, prove_the_books, read_code

pytestmark = pytest.mark.django_db


def start(user: User, **changes: Any) -> CardDraft:
    facts: dict[str, Any] = {
        "user": user,
        "number": card_number(),
        "holder_name": full_name(user),
        "session_key": SESSION,
        "address": "192.0.2.7",
    }
    return start_card_link(**{**facts, **changes})


def test_linking_a_card_raises_the_level_and_the_class(alice: User, phones: Any) -> None:
    assert open_wallet(user=alice).wallet_class == "III"
    card = link_card(alice)
    assert card.last4 == card_number()[-4:]
    assert assurance_level(alice) == "card"
    wallet = get_wallet_for(alice)
    assert wallet.wallet_class == "II"
    assert limit_state(wallet).balance_cap == 500_000_00
    prove_the_books()


def test_the_number_is_kept_encrypted_only(alice: User, phones: Any) -> None:
    card = link_card(alice)
    assert card_number() not in str(LinkedCard.objects.filter(pk=card.pk).values().get())
    assert card_number() not in str(CardDraft.objects.values().get())


@pytest.mark.parametrize(
    "number",
    [
        "",
        "6210990000000011",
        "621099000000001",
        "62109900000000100000",
        "6210 9900 0000 001x",
        "６２１０９９０００００００１８",
        "-1",
        "6210990000000018; DROP",
    ],
)
def test_a_number_that_cannot_be_one_is_refused(alice: User, number: str) -> None:
    with pytest.raises(CardNumberWrong):
        start(alice, number=number)
    assert not CardDraft.objects.exists()


def test_a_card_of_another_scheme_is_not_taken(alice: User) -> None:
    with pytest.raises(CardNotLinkable):
        start(alice, number="4111111111111111")


def test_spaces_in_the_number_are_fine(alice: User, phones: Any) -> None:
    number = card_number()
    assert start(alice, number=f" {number[:4]} {number[4:8]}-{number[8:]} ").last4 == number[-4:]


def test_a_card_in_another_name_is_refused(alice: User) -> None:
    with pytest.raises(CardHolderDiffers):
        start(alice, holder_name="林晓")


def test_who_is_known_by_the_phone_alone_adds_the_name_first(db: None) -> None:
    with pytest.raises(IdentityNeeded):
        start(make_customer(id_number=""), holder_name="陈思远")


def test_a_wrong_code_links_nothing_and_the_right_one_still_does(alice: User, phones: Any) -> None:
    draft = start(alice)
    code = read_code(str(alice.phone))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    with pytest.raises(CodeWrong):
        finish_card_link(draft=draft, code=wrong, session_key=SESSION, address="")
    assert not LinkedCard.objects.exists()
    finish_card_link(draft=draft, code=code, session_key=SESSION, address="")
    assert LinkedCard.objects.count() == 1


def test_the_code_works_in_the_session_that_asked_only(alice: User, phones: Any) -> None:
    draft = start(alice)
    code = read_code(str(alice.phone))
    with pytest.raises(CodeDead):
        finish_card_link(draft=draft, code=code, session_key="another", address="")


def test_the_code_of_one_card_does_not_link_another(alice: User, phones: Any) -> None:
    first = start(alice)
    code = read_code(str(alice.phone))
    other = CardDraft.objects.create(
        owner=alice,
        challenge_id=first.challenge_id,
        number_token="x",
        number_index="other",
        bank_bin="621099",
        last4="9999",
    )
    with pytest.raises(DraftExpired):
        finish_card_link(draft=other, code=code, session_key=SESSION, address="")
    assert not LinkedCard.objects.exists()


def test_a_card_has_one_holder_and_nobody_learns_who(alice: User, bob: User, phones: Any) -> None:
    link_card(alice)
    with pytest.raises(CardLinkedAlready):
        start(alice)
    with pytest.raises(CardNotLinkable) as held:
        start(bob)
    with pytest.raises(CardNotLinkable) as foreign:
        start(bob, number="4111111111111111")
    assert held.value.message == foreign.value.message


def test_the_second_of_two_who_wait_for_their_codes_loses(
    alice: User, bob: User, phones: Any
) -> None:
    draft = start(bob)
    code = read_code(str(bob.phone))
    link_card(alice)
    with pytest.raises(CardNotLinkable):
        finish_card_link(draft=draft, code=code, session_key=SESSION, address="")
    assert LinkedCard.objects.get().owner == alice


def test_a_removed_card_can_be_put_back_for_a_day_unless_somebody_has_linked_it(
    alice: User, bob: User, phones: Any
) -> None:
    card = link_card(alice)
    remove_card(card=card, address="")
    undo_change(change=Change.objects.get(user=alice, kind="card.removed"))
    card.refresh_from_db()
    assert card.removed_at is None
    remove_card(card=card, address="")
    LinkedCard.objects.filter(pk=card.pk).update(owner=bob, removed_at=None)
    with pytest.raises(CannotUndo):
        undo_change(change=Change.objects.filter(user=alice, kind="card.removed")[0])


def test_a_removed_card_can_be_linked_by_somebody_else(alice: User, bob: User, phones: Any) -> None:
    card = link_card(alice)
    remove_card(card=card, address="")
    remove_card(card=card, address="")
    assert link_card(bob).owner == bob
    assert assurance_level(alice) == "card"


def test_a_card_whose_money_is_on_its_way_stays(alice: User, phones: Any) -> None:
    card = link_card(alice)
    authorised(alice, card, 10_00)
    with pytest.raises(CardInUse):
        remove_card(card=card, address="")
    prove_the_books()
