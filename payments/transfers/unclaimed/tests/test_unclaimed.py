"""Money for a number without a wallet: accepted once, or back once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.http import Http404

from accounts.security.throttle import TooManyRequests
from accounts.users.models import User
from ledger.models import LedgerAccount
from ledger.selectors import get_balance
from payments.processing.models import Payment
from payments.processing.services import stop_payment
from payments.processing.tests.people import confirm, money_of
from payments.transfers.errors import PayeeIsPayer, PayeeUnknown
from payments.transfers.services import compose_transfer
from payments.transfers.unclaimed.errors import (
    ClaimerFull,
    ClaimOver,
    ClaimPaused,
    HasWalletNow,
    NotAMobileNumber,
    TooManyWaiting,
)
from payments.transfers.unclaimed.selectors import list_claimable
from payments.transfers.unclaimed.services import claim_transfer, decline_transfer
from payments.transfers.unclaimed.tasks import return_unclaimed
from payments.transfers.unclaimed.tests.builders import PHONE, tomorrow, unclaimed, waiting
from payments.wallets.selectors import get_wallet_for, limit_state
from payments.wallets.services import freeze_wallet, unfreeze_wallet
from tests.cast import make_customer, prove_the_books, wallet_with
from tests.limits import with_limits

pytestmark = pytest.mark.django_db


def rest_of_the_account() -> int:
    account = LedgerAccount.objects.get(code="unclaimed:CNY")
    return get_balance(account.pk).posted_minor


def test_it_waits_for_the_owner_of_the_number_who_accepts_it(alice: User) -> None:
    wallet_with(alice, "100.00")
    payment = waiting(alice)

    assert payment.state == "processing"
    assert money_of(alice) == 70_00
    newcomer = make_customer("周新", phone=PHONE)
    assert [one.payment_id for one in list_claimable(newcomer)] == [payment.pk]

    claimed = claim_transfer(user=newcomer, public_id=payment.public_id)
    again = claim_transfer(user=newcomer, public_id=payment.public_id)

    assert (claimed.state, again.state) == ("succeeded", "succeeded")
    assert (money_of(alice), money_of(newcomer)) == (70_00, 30_00)
    assert claimed.counterparty_label == "周*"
    assert rest_of_the_account() == 0
    assert not list_claimable(newcomer).exists()
    prove_the_books()


def test_nobody_else_can_accept_or_see_it(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = waiting(alice)

    for user in (bob, alice):
        with pytest.raises(Http404):
            claim_transfer(user=user, public_id=payment.public_id)
        with pytest.raises(Http404):
            decline_transfer(user=user, public_id=payment.public_id)
        assert not list_claimable(user).exists()
    assert money_of(alice) == 70_00
    prove_the_books()


def test_unclaimed_it_returns_once_after_its_time_and_frees_the_limits(alice: User) -> None:
    wallet_with(alice, "100.00")
    payment = waiting(alice)
    newcomer = make_customer("周新", phone=PHONE)

    assert return_unclaimed() == 0
    with time_machine.travel(tomorrow(), tick=False):
        assert not list_claimable(newcomer).exists()
        with pytest.raises(ClaimOver):
            claim_transfer(user=newcomer, public_id=payment.public_id)
        assert (return_unclaimed(), return_unclaimed()) == (1, 0)

    payment.refresh_from_db()
    assert (payment.state, payment.failure_code) == ("failed", "unclaimed.returned")
    assert money_of(alice) == 100_00
    assert limit_state(get_wallet_for(alice)).day_used == 0
    # The clock went back: what returned stays returned.
    with pytest.raises(ClaimOver):
        claim_transfer(user=newcomer, public_id=payment.public_id)
    prove_the_books()


def test_the_payer_takes_it_back_until_it_is_accepted(alice: User) -> None:
    wallet_with(alice, "100.00")
    payment = waiting(alice)
    stop_payment(payment_id=payment.pk, by=alice, reason="stopped by payer")
    newcomer = make_customer("周新", phone=PHONE)

    with pytest.raises(ClaimOver):
        claim_transfer(user=newcomer, public_id=payment.public_id)
    with time_machine.travel(tomorrow(), tick=False):
        assert return_unclaimed() == 0
    assert money_of(alice) == 100_00
    prove_the_books()


def test_the_receiver_sends_it_back(alice: User) -> None:
    wallet_with(alice, "100.00")
    payment = waiting(alice)
    newcomer = make_customer("周新", phone=PHONE)

    for _ in range(2):
        declined = decline_transfer(user=newcomer, public_id=payment.public_id)
        assert (declined.state, declined.failure_code) == ("failed", "unclaimed.declined")
    assert money_of(alice) == 100_00
    prove_the_books()


def test_a_frozen_payers_money_does_not_leave_and_still_returns(alice: User) -> None:
    wallet = wallet_with(alice, "100.00")
    payment, other = waiting(alice), waiting(alice)
    newcomer = make_customer("周新", phone=PHONE)
    freeze_wallet(wallet=wallet, by=alice, reason="lost phone")

    with pytest.raises(ClaimPaused):
        claim_transfer(user=newcomer, public_id=payment.public_id)
    unfreeze_wallet(wallet=wallet, by=alice, reason="found")
    claim_transfer(user=newcomer, public_id=payment.public_id)
    freeze_wallet(wallet=wallet, by=alice, reason="lost again")
    with time_machine.travel(tomorrow(), tick=False):
        assert return_unclaimed() == 1

    other.refresh_from_db()
    assert other.failure_code == "unclaimed.returned"
    assert (money_of(alice), money_of(newcomer)) == (70_00, 30_00)
    prove_the_books()


def test_a_frozen_receiver_may_accept(alice: User) -> None:
    wallet_with(alice, "100.00")
    payment = waiting(alice)
    newcomer = make_customer("周新", phone=PHONE)
    freeze_wallet(wallet=wallet_with(newcomer), by=newcomer, reason="careful")

    assert claim_transfer(user=newcomer, public_id=payment.public_id).state == "succeeded"
    prove_the_books()


def test_what_the_receivers_wallet_may_not_hold_goes_on_waiting(alice: User) -> None:
    wallet_with(alice, "100.00")
    payment = waiting(alice)
    newcomer = make_customer("", phone=PHONE, id_number="")
    wallet_with(newcomer, "9980.00")

    with pytest.raises(ClaimerFull):
        claim_transfer(user=newcomer, public_id=payment.public_id)

    payment.refresh_from_db()
    assert (payment.state, payment.payee_wallet) == ("processing", None)
    assert [one.payment_id for one in list_claimable(newcomer)] == [payment.pk]
    prove_the_books()


def test_only_a_mobile_number_without_a_wallet_will_do(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    shop = wallet_with(bob)

    with pytest.raises(HasWalletNow):
        unclaimed(alice, phone=str(bob.phone))
    with pytest.raises(PayeeIsPayer):
        unclaimed(alice, phone=str(alice.phone))
    for typed in (shop.number, "12", "", "\x00", "010 6552 9988"):
        with pytest.raises(NotAMobileNumber):
            unclaimed(alice, phone=typed)
    assert not Payment.objects.exists()


def test_looking_up_numbers_this_way_counts_like_a_transfer(alice: User, settings: Any) -> None:
    wallet_with(alice, "100.00")
    with_limits(settings, "payee.lookup", person=[(3, 60)])

    unclaimed(alice, phone="+8613912340001")
    unclaimed(alice, phone="+8613912340001")
    with pytest.raises(PayeeUnknown):
        compose_transfer(
            user=alice,
            payee_text="+8613912340002",
            amount_text="1",
            note="",
            compose_key=uuid4(),
        )
    with pytest.raises(TooManyRequests):
        unclaimed(alice, phone="+8613912340003")


def test_no_more_wait_than_may_at_once_also_when_prepared_before(
    alice: User, settings: Any
) -> None:
    wallet_with(alice, "100.00")
    settings.PAYMENTS = {
        **settings.PAYMENTS,
        "unclaimed": {"ttl_seconds": 86_400, "most_waiting": 2},
    }
    prepared = [unclaimed(alice) for _ in range(3)]

    confirm(prepared[0])
    confirm(prepared[1])
    with pytest.raises(TooManyWaiting):
        confirm(prepared[2])
    with pytest.raises(TooManyWaiting):
        unclaimed(alice)
    assert money_of(alice) == 40_00
    prove_the_books()
