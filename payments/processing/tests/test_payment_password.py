"""Wherever the payment password is typed, one sees how often it may still be, and from when."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.payment_password.errors import PaymentPasswordLocked, PaymentPasswordWrong
from accounts.payment_password.models import PaymentPassword
from accounts.payment_password.selectors import payment_password_state
from accounts.payment_password.services import check_payment_password
from accounts.security.models import UserSession
from accounts.security.services import cover_session
from accounts.users.models import User
from payments.processing.tests.people import compose, money_of
from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.tests.builders import text_for
from payments.transfers.standing_orders.tests import orders
from tests.cast import OTHER_PAYMENT_PASSWORD, PAYMENT_PASSWORD, prove_the_books, wallet_with
from tests.doors import signed_in, signed_in_and_proved
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(alice: User, bob: User) -> dict[str, str]:
    """Every page with a field for it, but for the reset's: address and name of the field."""
    wallet_with(alice, "100.00")
    wallet_with(bob)
    browser = signed_in(alice)
    text = SimpleUploadedFile("pay.csv", text_for([bob], "10.00").encode())
    browser.post("/transfer/batch/", {"file": text})
    draft = orders.compose(alice, bob, start="2027-01-31")
    running = orders.in_force(alice, bob, start="2027-02-27")
    return {
        f"/pay/{compose(alice, bob).public_id}/authorise/": "payment_password",
        f"/transfer/batch/{TransferBatch.objects.get().public_id}/authorise/": "payment_password",
        f"/transfer/later/{draft.public_id}/authorise/": "payment_password",
        f"/transfer/later/{running.public_id}/amount/": "payment_password",
        "/security/payment-password/": "old",
    }


def fail(user: User, times: int) -> None:
    for _try in range(times):
        with pytest.raises((PaymentPasswordWrong, PaymentPasswordLocked)):
            check_payment_password(user=user, raw=OTHER_PAYMENT_PASSWORD)


def test_tries_left_and_the_time_of_the_next_are_on_every_page(
    alice: User, pages: dict[str, str]
) -> None:
    browser = signed_in_and_proved(alice)
    for address, name in pages.items():
        page = browser.get(address).content.decode()
        assert_page_is_clean(page)
        assert f'name="{name}" inputmode="numeric"' in page, address
        assert "tries left" not in page, address
    fail(alice, 3)
    for address in pages:
        assert "2 tries left" in browser.get(address).content.decode(), address
    fail(alice, 2)
    until = payment_password_state(alice).locked_until
    assert until is not None
    clock = f"{timezone.localtime(until):%H:%M}"
    for address in pages:
        page = browser.get(address, follow=True).content.decode()
        assert clock in page, address
        assert "/recover/payment/" in page, address
    # Right digits are refused as well, with the time.
    for address, name in pages.items():
        typed = {"amount": "5", **new_twice(), name: PAYMENT_PASSWORD}
        page = browser.post(address, typed, follow=True).content.decode()
        assert clock in page, address
    assert money_of(alice) == 100_00
    prove_the_books()


def new_twice() -> dict[str, str]:
    other = OTHER_PAYMENT_PASSWORD
    return {"payment_password": other, "payment_password_again": other}


def test_a_covered_page_shows_tries_left_and_falls_back_to_the_login_password(alice: User) -> None:
    browser = signed_in(alice)
    fail(alice, 3)
    cover_session(session=UserSession.objects.get(user=alice))
    assert "2 tries left" in browser.get("/sign-in/resume/?next=/home/").content.decode()
    fail(alice, 2)
    page = browser.get("/sign-in/resume/?next=/home/").content.decode()
    assert "Your login password works here" in page and 'name="password"' in page


def test_when_only_a_reset_helps_every_page_shows_the_way(
    alice: User, pages: dict[str, str]
) -> None:
    PaymentPassword.objects.filter(user=alice).update(is_reset_only=True, wrong_since_success=10)
    browser = signed_in_and_proved(alice)
    for address in pages:
        page = browser.get(address, follow=True).content.decode()
        assert "/recover/payment/" in page and "new payment password" in page, address


def test_who_has_none_is_led_to_setting_one(alice: User, pages: dict[str, str]) -> None:
    PaymentPassword.objects.filter(user=alice).delete()
    browser = signed_in(alice)
    for address in pages:
        typed: dict[str, Any] = {"payment_password": PAYMENT_PASSWORD, "amount": "5"}
        page = browser.post(address, typed, follow=True).content.decode()
        assert "/recover/payment/" in page or 'name="login_password"' in page, address
    assert money_of(alice) == 100_00
    prove_the_books()
