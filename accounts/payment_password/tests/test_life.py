"""From the first one to a forgotten one: the same rules everywhere, and nobody is stuck."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.caution.selectors import caution_of
from accounts.changes.models import Change
from accounts.factors.services import enrol_authenticator, renew_recovery_codes
from accounts.payment_password import services
from accounts.payment_password.errors import WEAK_SENTENCES
from accounts.payment_password.models import PaymentPassword, PaymentPasswordReset
from accounts.payment_password.tests.test_pages import id_digits, new_twice, walk_to_new
from accounts.signin.tests.doors import app_code
from accounts.signup.tests.steps import Opening
from accounts.users.models import User
from tests.authenticators import SoftAuthenticator, asked_in, give_passkey
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    read_code,
    read_sms,
)
from tests.doors import signed_in, signed_in_and_proved
from tests.pages import assert_page_is_clean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
CHANGE, RESET = "/security/payment-password/", "/recover/payment/"


def start_reset(client: Client, user: User) -> str:
    proof = {"login_password": LOGIN_PASSWORD, "id_digits": id_digits(user)}
    return str(client.post(RESET, proof)["Location"])


def test_a_reset_asks_for_the_second_factor_before_anything_goes_to_the_phone(alice: User) -> None:
    client = signed_in(alice)
    secret = enrol_authenticator(user=alice).secret
    assert start_reset(client, alice) == RESET + "factor/"
    page = client.get(RESET + "factor/").content.decode()
    assert_page_is_clean(page)
    assert "step 2 of 4" in page

    assert client.post(RESET + "factor/", {"code": "000000"}).status_code == 422
    assert read_sms(str(alice.phone)) == ""
    assert client.get(RESET + "code/")["Location"] == RESET
    assert client.post(RESET + "new/", new_twice())["Location"] == RESET

    assert client.post(RESET + "factor/", {"code": app_code(secret)})["Location"] == RESET + "code/"
    client.post(RESET + "code/", {"code": read_code(str(alice.phone))})
    assert client.post(RESET + "new/", new_twice()).status_code == 302
    services.check_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)


def test_a_passkey_stands_in_for_the_code_of_the_reset(alice: User) -> None:
    client, key = signed_in(alice), SoftAuthenticator()
    client.defaults["SERVER_NAME"] = "localhost"
    give_passkey(alice, key)
    assert start_reset(client, alice) == RESET + "factor/"
    elsewhere = key.get(asked_in(client.get("/step-up/").content.decode()))
    assert client.post(RESET + "factor/", {"credential": elsewhere}).status_code == 422
    assert client.post(RESET + "factor/", {"code": ""}).status_code == 422
    assert "is your code" not in read_sms(str(alice.phone))
    signed = key.get(asked_in(client.get(RESET + "factor/").content.decode()))
    answer = client.post(RESET + "factor/", {"credential": signed})
    assert answer["Location"] == RESET + "code/"


def test_a_factor_switched_on_during_the_walk_is_asked_for_too(alice: User) -> None:
    client = signed_in(alice)
    walk_to_new(client, alice)
    enrol_authenticator(user=alice)
    assert client.post(RESET + "new/", new_twice())["Location"] == RESET
    services.check_payment_password(user=alice, raw=PAYMENT_PASSWORD)
    code = renew_recovery_codes(user=alice)[0]
    assert client.post(RESET + "factor/", {"code": code}).status_code in (302, 422)
    assert PaymentPasswordReset.objects.get().factor_proved_at is not None
    assert client.post(RESET + "new/", new_twice()).status_code == 302


def test_a_reset_and_a_change_are_told_and_begin_a_time_of_caution(alice: User) -> None:
    client = signed_in_and_proved(alice)
    page = client.get(CHANGE).content.decode()
    assert "one payment can be" in page and "500.00" in page
    walk_to_new(client, alice)
    client.post(RESET + "new/", new_twice())
    caution = caution_of(alice)
    assert caution is not None and caution.why == "payment_password_reset"
    assert Change.objects.get(user=alice).kind == "payment_password.reset"


def test_who_has_none_proves_who_they_are_and_sets_one(alice: User) -> None:
    PaymentPassword.objects.filter(user=alice).delete()
    client = signed_in(alice)
    assert client.get(CHANGE)["Location"] == RESET
    assert client.post(CHANGE, new_twice())["Location"] == RESET
    assert "Set a payment password" in client.get(RESET).content.decode()
    walk_to_new(client, alice)
    assert client.post(RESET + "new/", new_twice()).status_code == 302
    services.check_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)
    assert caution_of(alice) is None, "nothing was changed"


def test_the_same_ones_are_refused_in_the_same_words_everywhere(alice: User) -> None:
    """On the pages of sign-up, change and reset."""
    client, opening = signed_in_and_proved(alice), Opening(phone="+8613912345901")
    assert opening.tell_person().status_code == 302
    walk_to_new(client, alice)
    weak = [
        ("111222", "few"),
        ("123456", "run"),
        ("528528", "repeat"),
        ("528825", "mirror"),
        ("147963", "keypad"),
        ("900307", "date"),
        ("", "personal"),
    ]
    for digits, why in weak:
        mine, theirs = digits or str(alice.phone)[-6:], digits or opening.phone[-6:]
        with translation.override("en"):
            said = str(WEAK_SENTENCES[why])
        pages = [
            client.post(CHANGE, {"old": PAYMENT_PASSWORD, **new_twice(mine)}),
            client.post(RESET + "new/", new_twice(mine)),
            opening.set_passwords(**new_twice(theirs)),
        ]
        for page in pages:
            assert page.status_code == 422, (why, digits)
            assert said in html.unescape(page.content.decode()), (why, digits)
    services.check_payment_password(user=alice, raw=PAYMENT_PASSWORD)


def test_after_ninety_days_a_reminder_is_shown_and_nobody_is_forced(alice: User) -> None:
    client = signed_in(alice)
    reminder = "Change the payment password"
    row = PaymentPassword.objects.filter(user=alice)
    row.update(changed_at=timezone.now() - timedelta(days=89))
    assert f">{reminder}<" not in client.get("/security/").content.decode()
    row.update(changed_at=timezone.now() - timedelta(days=91))
    assert f">{reminder}<" in client.get("/security/").content.decode()
    assert "Change your payment password" in client.get("/home/").content.decode()
    services.check_payment_password(user=alice, raw=PAYMENT_PASSWORD)


def test_the_field_is_one_labelled_input_that_can_be_looked_at(alice: User) -> None:
    page = signed_in_and_proved(alice).get(CHANGE).content.decode()
    assert page.count('type="password"') == 3
    assert page.count('inputmode="numeric"') == 3 and page.count('autocomplete="off"') >= 3
    for name in ("id_old", "id_payment_password", "id_payment_password_again"):
        assert f'<label for="{name}">' in page and f'data-peek="{name}"' in page
    assert page.count('class="pin__cells" aria-hidden="true"') == 3
