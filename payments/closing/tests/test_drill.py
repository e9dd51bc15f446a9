"""The drill: several wallets close at once on a filled database, and the worker dies over it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from accounts.closing.models import FormerCustomer
from accounts.closing.services import let_go
from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.users.models import User
from ledger.models import JournalEntry, LedgerAccount
from ledger.services import post_entry
from ledger.values import Posting
from payments.closing import services
from payments.closing.models import WalletClosing
from payments.processing.models import Payment
from payments.processing.tests.people import compose, confirm, money_of
from payments.wallets.models import Wallet
from tests.cast import (
    PAYMENT_PASSWORD,
    fund,
    make_customer,
    prove_the_books,
    wallet_with,
)
from tests.race import all_at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]
LEAVING = 9
ROUNDS = 50


class Killed(BaseException):
    """What `kill -9` is to a worker: nothing of its own runs any more."""


@pytest.fixture
def leaving() -> list[User]:
    """People with hundreds of moves between them, who have sent all they had to one who stays, and
    asked to close."""
    stays = make_customer("王小留")
    wallet_with(stays)
    people = [make_customer(f"王小{each}") for each in "一二三四五六七八九"]
    assert len(people) == LEAVING
    wallets = [wallet_with(person, "50.00") for person in people]
    for number in range(ROUNDS):
        for one, next_one in pairwise([*wallets, wallets[0]]):
            move(one, next_one, number)
    for person in people:
        confirm(compose(person, stays, "50.00"))
        services.ask_to_close(
            user=person, raw_payment_password=PAYMENT_PASSWORD, session=None, address=""
        )
    WalletClosing.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    assert money_of(stays) == LEAVING * 50_00
    return people


def move(payer: Wallet, payee: Wallet, number: int) -> None:
    post_entry(
        key=f"drill:{payer.pk}:{number}",
        event="test.move",
        postings=[
            Posting(debit=payer.ledger_account_id, credit=payee.ledger_account_id, amount_minor=25)
        ],
    )


def whole_or_not_at_all() -> int:
    """Each wallet is closed in all of its places or in none; how many are."""
    for wallet in Wallet.objects.select_related("owner"):
        closing = WalletClosing.objects.filter(wallet=wallet).first()
        account = LedgerAccount.objects.get(pk=wallet.ledger_account_id)
        owner = wallet.owner
        assert {
            wallet.is_closed,
            closing is not None and closing.closed_at is not None,
            account.closed_at is not None,
            not owner.is_active,
            FormerCustomer.objects.filter(user=owner).exists(),
            not Identity.objects.filter(user=owner).exists(),
        } == {wallet.is_closed}
        assert not wallet.is_closed or account.credits_posted == account.debits_posted
    prove_the_books()
    return Wallet.objects.exclude(closed_at=None).count()


def test_wallets_close_whole_or_not_at_all_and_the_books_stay_whole(
    leaving: list[User], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    facts = [
        (str(person.phone), decrypt(Identity.objects.get(user=person).id_number_encrypted))
        for person in leaving
    ]
    payments, entries = Payment.objects.count(), JournalEntry.objects.count()
    assert entries > LEAVING * ROUNDS
    fund(wallet_with(leaving[4]), "0.01")
    calls: list[Any] = []

    def dies_the_third_time(**which: Any) -> FormerCustomer:
        former = let_go(**which)
        calls.append(which)
        if len(calls) == 3:
            raise Killed
        return former

    monkeypatch.setattr(services, "let_go", dies_the_third_time)
    with pytest.raises(Killed):
        services.close_due()
    assert whole_or_not_at_all() == 2

    # The next one after the death meets a row that cannot be closed; those behind it go on.
    def fails_for_one(*, user: User) -> FormerCustomer:
        if user.pk == leaving[2].pk:
            raise RuntimeError
        return let_go(user=user)

    monkeypatch.setattr(services, "let_go", fails_for_one)
    all_at_once(3, lambda _number: services.close_due())
    assert whole_or_not_at_all() == LEAVING - 2
    assert "could not be carried out" in caplog.text
    monkeypatch.undo()
    assert services.close_due() == 1
    assert whole_or_not_at_all() == LEAVING - 1
    assert WalletClosing.objects.get(closed_at=None).asked_by == leaving[4]
    # The records are all there; whoever left may come back with the same phone and ID number.
    assert Payment.objects.count() == payments
    assert JournalEntry.objects.count() == entries + 1
    for phone, id_number in facts[:2]:
        again = make_customer("王小新", phone=phone, id_number=id_number)
        assert wallet_with(again, "1.00").owner == again
    assert not User.objects.filter(phone__in=[phone for phone, _ in facts[5:]]).exists()
    prove_the_books()
