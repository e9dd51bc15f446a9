"""Closing a wallet from the wish to the end, what stops it, and coming back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.caution.selectors import caution_of
from accounts.caution.services import begin_caution
from accounts.changes.models import Change
from accounts.changes.services import note_change
from accounts.closing.models import FormerCustomer
from accounts.closing.services import forget_over
from accounts.identity.models import Identity
from accounts.identity.services import add_identity
from accounts.identity.vault import decrypt
from accounts.payment_password.models import PaymentPassword
from accounts.payment_password.selectors import payment_password_state
from accounts.phone_change.errors import PersonGone
from accounts.phone_change.services import CHANGED, change_phone_by_support
from accounts.security.models import SecurityEvent, UserSession
from accounts.signin.tests.doors import sign_in_staff, try_password
from accounts.users.models import User
from ledger.models import LedgerAccount
from payments.closing import services
from payments.closing.errors import StillInTheWay
from payments.closing.models import WalletClosing
from payments.closing.selectors import list_obstacles
from payments.processing.models import Payment
from payments.processing.services import confirm_payment
from payments.safety.services import make_freeze_code
from payments.transfers.services import compose_transfer
from payments.wallets.models import Wallet
from payments.wallets.selectors import find_payee
from payments.wallets.services import freeze_wallet
from tests.cast import (
    LOGIN_PASSWORD,
    PAYMENT_PASSWORD,
    fund,
    make_customer,
    make_phone,
    prove_the_books,
    read_sms,
    wallet_with,
)
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
WEEK = timedelta(days=7, seconds=1)


@pytest.fixture
def empty(alice: User) -> Wallet:
    return wallet_with(alice)


def ask(user: User) -> WalletClosing:
    return services.ask_to_close(
        user=user, raw_payment_password=PAYMENT_PASSWORD, session=None, address=""
    )


def make_due() -> None:
    WalletClosing.objects.update(closes_at=timezone.now() - timedelta(seconds=1))


def pay(payer: User, payee: User, amount: str = "3.00", delay: int = 0) -> Payment:
    payment = compose_transfer(
        user=payer, payee_text=str(payee.phone), amount_text=amount, note="",
        compose_key=uuid4(), arrival=str(delay),
    )  # fmt: skip
    return confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)


def codes(user: User, wallet: Wallet) -> list[str]:
    return [obstacle.code for obstacle in list_obstacles(user, wallet)]


def close(user: User) -> None:
    ask(user)
    make_due()
    assert services.close_due() == 1


def test_the_whole_walk_on_the_pages_and_back_again(alice: User, empty: Wallet) -> None:
    browser = Client()
    try_password(browser, alice, LOGIN_PASSWORD)
    assert b"/me/close/confirm/" in browser.get("/me/close/").content
    assert "/step-up/" in browser.get("/me/close/confirm/")["Location"]
    UserSession.objects.update(proved_at=timezone.now())
    form = {"payment_password": PAYMENT_PASSWORD, "understood": "on"}
    wrong = browser.post("/me/close/confirm/", {**form, "payment_password": "918273"})
    assert wrong.status_code == 422
    assert browser.post("/me/close/confirm/", {**form, "understood": ""}).status_code == 422
    assert not WalletClosing.objects.exists()

    assert browser.post("/me/close/confirm/", form)["Location"] == "/me/close/"
    assert b"/me/close/take-back/" in browser.get("/me/close/").content
    assert b"/me/close/" in browser.get("/home/").content
    assert browser.get("/me/close/take-back/").status_code == 405
    browser.post("/me/close/take-back/")
    assert WalletClosing.objects.get().taken_back_at is not None
    with time_machine.travel(timezone.now() + WEEK):
        assert services.close_due() == 0
    prove_the_books()


def test_after_a_week_it_closes_once_and_only_its_owner_learns_it(
    alice: User, empty: Wallet
) -> None:
    browser = Client()
    try_password(browser, alice, LOGIN_PASSWORD)
    make_freeze_code(user=alice)
    phone = str(alice.phone)
    closing = ask(alice)
    assert ask(alice).pk == closing.pk
    assert services.close_due() == 0
    make_due()
    assert services.close_due() == 1
    assert services.close_due() == 0

    empty.refresh_from_db()
    assert empty.is_closed
    assert LedgerAccount.objects.get(pk=empty.ledger_account_id).closed_at is not None
    assert find_payee(phone) is None
    assert find_payee(empty.number) is None
    assert browser.get("/home/").status_code == 302
    assert try_password(Client(), phone, "wrong").status_code == 422
    answer = try_password(Client(), phone, LOGIN_PASSWORD)
    assert answer.status_code == 403
    assert "/open/" in answer.content.decode()
    assert SecurityEvent.objects.filter(user=alice, kind="wallet.closed").count() == 1
    assert "closed" in read_sms(phone) or "注销" in read_sms(phone)
    prove_the_books()


def test_five_wrong_passwords_lock_a_closed_name_like_any_other(alice: User, empty: Wallet) -> None:
    phone = str(alice.phone)
    close(alice)
    answers = [try_password(Client(), phone, f"wrong {n}").status_code for n in range(5)]
    assert answers == [422, 422, 422, 422, 403]
    assert "/open/" not in try_password(Client(), phone, LOGIN_PASSWORD).content.decode()


def test_personal_data_is_minimised_and_in_the_end_deleted(alice: User, empty: Wallet) -> None:
    make_freeze_code(user=alice)
    note_change(user=alice, kind=CHANGED, undo={"phone": str(alice.phone)})
    close(alice)
    change = Change.objects.get(user=alice, kind=CHANGED)
    assert change.undo_encrypted == ""
    assert not change.may_be_undone
    alice.refresh_from_db()
    assert not alice.is_active
    assert str(alice.phone) != "+8613800136027"
    assert not Identity.objects.filter(user=alice).exists()
    assert not PaymentPassword.objects.filter(user=alice).exists()
    former = FormerCustomer.objects.get(user=alice)
    assert decrypt(former.name_encrypted) == "陈思远"
    assert forget_over() == 0
    with time_machine.travel(former.keep_until + timedelta(days=1)):
        assert forget_over() == 1
        assert forget_over() == 0
    former.refresh_from_db()
    assert former.name_encrypted == former.id_number_encrypted == former.phone_encrypted == ""
    assert former.id_number_index == former.phone_index == ""
    alice.refresh_from_db()
    assert not alice.has_usable_password()


def test_who_has_left_gets_no_number_from_support_either(
    alice: User, olivia: User, empty: Wallet
) -> None:
    decided = User.objects.get(pk=alice.pk)
    close(alice)
    free = make_phone()
    with pytest.raises(PersonGone):
        change_phone_by_support(user=decided, phone=free, actor=olivia)
    assert str(User.objects.get(pk=alice.pk).phone) == f"closed-{alice.pk}"
    assert not Change.objects.filter(user=alice, kind=CHANGED).exists()
    assert make_customer(phone=free).is_active


def test_the_same_person_opens_again_and_old_locks_and_caution_go_on(
    alice: User, bob: User, empty: Wallet
) -> None:
    wallet_with(bob)
    fund(empty, "3.00")
    old_payment = pay(alice, bob)
    number = decrypt(Identity.objects.get(user=alice).id_number_encrypted)
    phone = str(alice.phone)
    begin_caution(user=alice, why="phone_changed")
    ask(alice)
    PaymentPassword.objects.update(
        wrong_in_row=5, wrong_since_success=5, locked_until=timezone.now() + timedelta(hours=1)
    )
    make_due()
    assert services.close_due() == 1

    again = make_customer("陈思远", phone=phone, id_number=number)
    assert again.pk != alice.pk
    assert payment_password_state(again).is_locked
    caution = caution_of(again)
    assert caution is not None
    assert caution.why == "phone_changed"
    new = wallet_with(again, "10.00")
    assert new.pk != empty.pk
    assert new.number != empty.number
    assert find_payee(phone) == new
    assert try_password(Client(), phone, LOGIN_PASSWORD).status_code == 302
    # The old wallet's payment is still in the books and in the other side's records.
    old_payment.refresh_from_db()
    assert old_payment.payer_wallet_id == empty.pk
    prove_the_books()


def test_money_that_came_in_stops_it_and_its_owner_decides(
    alice: User, bob: User, empty: Wallet
) -> None:
    wallet_with(bob, "20.00")
    ask(alice)
    pay(bob, alice, "5.00")
    make_due()
    assert services.close_due() == 0
    closing = WalletClosing.objects.get()
    assert closing.stopped_at is not None
    assert closing.closed_at is None
    assert read_sms(str(alice.phone))
    assert services.close_due() == 0
    with pytest.raises(StillInTheWay):
        ask(alice)
    pay(alice, bob, "5.00")
    # Empty again, it does not close by itself: the owner goes on.
    assert services.close_due() == 0
    assert ask(alice).pk == closing.pk
    assert services.close_due() == 1
    prove_the_books()


def test_a_page_names_no_day_that_is_over(alice: User, bob: User, empty: Wallet) -> None:
    browser = Client(headers={"accept-language": "en"})
    try_password(browser, alice, LOGIN_PASSWORD)
    ask(alice)
    assert "It closes by itself on" in browser.get("/me/close/").content.decode()
    make_due()
    page = browser.get("/me/close/").content.decode()
    assert "It closes by itself on" not in page
    assert "closes within a few minutes" in page
    assert "/me/close/take-back/" in page
    assert "Your wallet is being closed" in browser.get("/home/").content.decode()


def test_everything_left_or_pending_is_named(alice: User, bob: User, empty: Wallet) -> None:
    bobs = wallet_with(bob, "20.00")
    assert codes(alice, empty) == []
    fund(empty, "9.00")
    assert codes(alice, empty) == ["balance"]
    pay(alice, bob, "9.00")
    pay(bob, alice, "2.00", delay=7200)
    assert codes(alice, empty) == ["on_its_way"]
    assert codes(bob, bobs) == ["balance", "on_its_way"]
    frozen = freeze_wallet(wallet=empty, by=None, reason="test")
    assert codes(alice, frozen) == ["frozen", "on_its_way"]
    with pytest.raises(StillInTheWay):
        ask(alice)
    prove_the_books()


def test_an_id_number_given_later_meets_its_old_locks_too(alice: User, empty: Wallet) -> None:
    number = decrypt(Identity.objects.get(user=alice).id_number_encrypted)
    ask(alice)
    PaymentPassword.objects.update(wrong_since_success=10, is_reset_only=True)
    make_due()
    assert services.close_due() == 1
    again = make_customer(id_number="")
    assert not payment_password_state(again).is_locked
    add_identity(user=again, name="陈思远", id_number=number)
    assert payment_password_state(again).is_locked


def test_staff_read_closings_and_change_none(alice: User, empty: Wallet, client: Client) -> None:
    close(alice)
    boss = User.objects.create_superuser("+8613600000009", LOGIN_PASSWORD)
    sign_in_staff(client, boss)
    closing = WalletClosing.objects.get()
    assert client.get("/admin/payments/walletclosing/").status_code == 200
    page = f"/admin/payments/walletclosing/{closing.pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {}).status_code == 403
    assert client.get(f"/admin/accounts/user/{alice.pk}/change/").status_code < 500


@pytest.mark.django_db(transaction=True)
def test_closing_against_money_in_and_taking_back_at_once_ends_one_way(
    alice: User, bob: User, phones: Any
) -> None:
    wallet = wallet_with(alice)
    wallet_with(bob, "20.00")
    ask(alice)
    make_due()
    acts = [
        services.close_due,
        services.close_due,
        lambda: services.take_back(user=alice),
        lambda: pay(bob, alice, "1.00").state,
    ]
    assert codes_of(all_at_once(4, lambda number: acts[number]())).get("", 0) >= 3
    wallet.refresh_from_db()
    closing = WalletClosing.objects.get()
    account = LedgerAccount.objects.get(pk=wallet.ledger_account_id)
    assert wallet.is_closed == (closing.closed_at is not None) == (account.closed_at is not None)
    assert not (wallet.is_closed and account.credits_posted != account.debits_posted)
    assert SecurityEvent.objects.filter(user=alice, kind="wallet.closed").count() == (
        1 if wallet.is_closed else 0
    )
    prove_the_books()


def test_who_opens_again_is_told_at_once_what_goes_on(alice: User, empty: Wallet) -> None:
    ask(alice)
    PaymentPassword.objects.update(wrong_since_success=10, is_reset_only=True)
    begin_caution(user=alice, why="phone_changed")
    make_due()
    assert services.close_due() == 1
    known = FormerCustomer.objects.get(user=alice)
    number = decrypt(known.id_number_encrypted)
    browsers = {
        "goes on": make_customer(id_number=number),
        "You can use it at once": make_customer(),
    }
    for said, person in browsers.items():
        browser = Client(headers={"accept-language": "en"})
        browser.force_login(person)
        page = browser.get("/opened/").content.decode()
        assert said in page
        assert ("/locked/payment/" in page) is (said == "goes on")
