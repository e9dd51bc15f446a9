"""A second proof comes after the payment password and before money, and nobody gets around it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.caution.services import begin_caution
from accounts.factors.models import Authenticator
from accounts.factors.services import enrol_authenticator, renew_recovery_codes
from accounts.security.models import KnownDevice, SecurityEvent
from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.services import confirm_proved
from payments.processing.tests.people import compose, confirm, money_of
from payments.proving.errors import SecondProofNeeded, SecondProofOver
from payments.proving.models import SecondProof
from payments.proving.pages import proof_page
from payments.proving.tests.people import (
    app_code,
    ask_from,
    at,
    browser_of,
    enrol,
    type_code,
    type_password,
)
from payments.transfers.unclaimed.services import compose_unclaimed
from tests.cast import prove_the_books, read_code, read_sms, wallet_with
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payer(alice: User, bob: User, phones: Any) -> User:
    wallet_with(alice, "9000.00")
    wallet_with(bob)
    return alice


def test_below_the_amount_the_payment_password_is_enough(payer: User, bob: User) -> None:
    ask_from(payer)
    confirm(compose(payer, bob, "999.99"))
    with pytest.raises(SecondProofNeeded):
        confirm(compose(payer, bob, "1000.00"))
    assert money_of(bob) == 999_99
    prove_the_books()


def test_the_app_code_is_asked_for_after_the_password_and_moves_the_money(
    payer: User, bob: User
) -> None:
    ask_from(payer)
    secret = enrol(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "1000.00")

    answer = type_password(browser, payment)
    assert (answer.status_code, answer["Location"]) == (302, at(payment, "prove/"))
    assert money_of(bob) == 0
    page = browser.get(at(payment, "prove/")).content.decode()
    assert_page_is_clean(page)
    assert "as high as you chose" in page and "1,000.00" in page

    wrong = type_code(browser, payment, "000000")
    assert wrong.status_code == 422 and "4 tries left" in wrong.content.decode()
    assert money_of(bob) == 0
    answer = type_code(browser, payment, app_code(secret))
    assert (answer.status_code, answer["Location"]) == (302, at(payment))
    assert money_of(bob) == 1000_00
    proof = SecondProof.objects.get()
    assert proof.used_at and proof.way == "factor"
    assert KnownDevice.objects.get(user=payer).proved_at, "the browser has passed a second proof"
    assert SecurityEvent.objects.filter(user=payer, kind="second_proof.passed").count() == 1
    # Back and again: the result, and nothing more.
    assert type_code(browser, payment, app_code(secret, 1))["Location"] == at(payment)
    assert money_of(bob) == 1000_00
    prove_the_books()


def test_a_recovery_code_is_a_proof_once(payer: User, bob: User) -> None:
    ask_from(payer)
    enrol(payer)
    code = renew_recovery_codes(user=payer)[0]
    browser = browser_of(payer)
    first, second = (compose(payer, bob, "1500.00") for _ in range(2))
    for payment in (first, second):
        type_password(browser, payment)
    assert type_code(browser, first, code).status_code == 302
    assert type_code(browser, second, code).status_code == 422
    assert money_of(bob) == 1500_00
    prove_the_books()


def test_without_a_factor_a_message_names_payee_and_amount(payer: User, bob: User) -> None:
    ask_from(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "1234.50")
    type_password(browser, payment)
    text = read_sms(str(payer.phone))
    assert "1,234.50" in text and "林*" in text and "林晓" not in text
    page = browser.get(at(payment, "prove/")).content.decode()
    assert_page_is_clean(page)
    assert "Where your code is" in page
    waiting = SecondProof.objects.get()
    assert waiting.challenge_id and proof_page(payer, waiting.challenge_id) == at(payment, "prove/")
    assert proof_page(bob, waiting.challenge_id) is None

    wrong = type_code(browser, payment, "000000")
    assert wrong.status_code == 422 and "4 tries left" in wrong.content.decode()
    assert type_code(browser, payment, read_code(str(payer.phone))).status_code == 302
    assert money_of(bob) == 1234_50
    prove_the_books()


def test_who_has_an_app_is_not_asked_for_a_message(payer: User, bob: User) -> None:
    ask_from(payer)
    enrol(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "1000.00")
    type_password(browser, payment)
    browser.post(at(payment, "prove/"), {"send": "1"})
    assert read_sms(str(payer.phone)) == ""
    assert SecondProof.objects.get().challenge_id is None


def test_a_code_for_one_payment_is_none_for_another(payer: User, bob: User) -> None:
    ask_from(payer)
    browser = browser_of(payer)
    first, other = compose(payer, bob, "1000.00"), compose(payer, bob, "2000.00")
    type_password(browser, first)
    code = read_code(str(payer.phone))
    # Too soon for another message: the second payment has none, and the first's is no use to it.
    type_password(browser, other)
    assert type_code(browser, other, code).status_code == 422
    assert money_of(bob) == 0
    stolen = SecondProof.objects.get(subject_id=first.public_id).challenge_id
    SecondProof.objects.filter(subject_id=other.public_id).update(challenge_id=stolen)
    assert type_code(browser, other, code).status_code == 422
    assert money_of(bob) == 0
    assert type_code(browser, first, code).status_code == 302
    assert money_of(bob) == 1000_00
    prove_the_books()


def test_no_step_can_be_left_out(payer: User, bob: User) -> None:
    ask_from(payer)
    secret = enrol(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "1000.00")
    # The last step alone.
    assert browser.get(at(payment, "prove/"))["Location"] == at(payment, "authorise/?over=1")
    assert type_code(browser, payment, app_code(secret))["Location"] == at(
        payment, "authorise/?over=1"
    )
    # The right step from another session of the same person.
    type_password(browser, payment)
    other = browser_of(payer)
    assert type_code(other, payment, app_code(secret))["Location"] == at(
        payment, "authorise/?over=1"
    )
    assert "begun on another device" in other.get(at(payment, "authorise/?over=1")).content.decode()
    # Somebody else's payment does not exist.
    assert type_code(browser_of(bob), payment, app_code(secret)).status_code == 404
    with pytest.raises(SecondProofOver):
        confirm_proved(payment=payment, session=None)
    assert money_of(bob) == 0
    prove_the_books()


def test_a_wrong_payment_password_opens_no_second_step(payer: User, bob: User) -> None:
    ask_from(payer)
    secret = enrol(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "1000.00")
    assert type_password(browser, payment, "111112").status_code == 422
    assert not SecondProof.objects.exists()
    assert type_code(browser, payment, app_code(secret))["Location"] == at(
        payment, "authorise/?over=1"
    )
    assert money_of(bob) == 0


def test_a_proof_that_took_too_long_says_so_and_the_payment_goes_on(
    payer: User, bob: User, settings: Any
) -> None:
    settings.SECOND_PROOF = {**settings.SECOND_PROOF, "open_seconds": 60}
    ask_from(payer)
    secret = enrol(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "1000.00")
    type_password(browser, payment)
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        late = browser.post(at(payment, "prove/"), {"code": "123456"}, follow=True)
        assert "The time for the second proof is over" in late.content.decode()
        assert money_of(bob) == 0
        type_password(browser, payment)
        assert type_code(browser, payment, app_code(secret)).status_code == 302
    assert money_of(bob) == 1000_00
    prove_the_books()


def test_five_wrong_codes_pause_it_with_the_time_and_the_payment_stays(
    payer: User, bob: User
) -> None:
    ask_from(payer)
    secret = enrol(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "1000.00")
    type_password(browser, payment)
    for _ in range(5):
        type_code(browser, payment, "000000")
    page = browser.get(at(payment, "prove/")).content.decode()
    assert "Too many wrong codes. You can type the next one at" in page
    assert type_code(browser, payment, app_code(secret)).status_code == 422
    assert Payment.objects.get().state == "created" and money_of(bob) == 0


def test_what_is_refused_after_the_proof_can_be_confirmed_again(payer: User, bob: User) -> None:
    ask_from(payer)
    secret = enrol(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "5000.00")
    other = compose(payer, bob, "4500.00")
    type_password(browser, payment)
    ask_from(payer, 9_000_00)
    confirm(other)
    refused = type_code(browser, payment, app_code(secret))
    assert refused.status_code == 422 and "Not enough balance" in refused.content.decode()
    assert "Your proof was right" in refused.content.decode()
    proof = SecondProof.objects.get()
    assert proof.proved_at and proof.used_at is None
    wallet_with(payer, "1000.00")
    assert browser.post(at(payment, "prove/"))["Location"] == at(payment)
    assert money_of(bob) == 9500_00
    prove_the_books()


def test_a_new_payee_and_a_new_device_are_reasons_too(payer: User, bob: User) -> None:
    ask_from(payer, None, new_payee_over_minor=500_00)
    confirm(compose(payer, bob, "500.00"))
    stranger = compose_unclaimed(
        user=payer, payee_text="13822223333", amount_text="500.01", note="", compose_key=uuid4()
    )
    with pytest.raises(SecondProofNeeded):
        confirm(stranger)

    ask_from(payer, None, on_new_devices=True)
    secret = enrol(payer)
    browser = browser_of(payer)
    payment = compose(payer, bob, "1.00")
    assert type_password(browser, payment)["Location"] == at(payment, "prove/")
    assert "not paid from this device" in browser.get(at(payment, "prove/")).content.decode()
    type_code(browser, payment, app_code(secret))
    again = compose(payer, bob, "2.00")
    assert type_password(browser, again)["Location"] == at(again), "a proved browser is known"
    assert type_password(browser_of(payer), compose(payer, bob, "3.00"))["Location"].endswith(
        "/prove/"
    )
    assert money_of(bob) == 503_00
    prove_the_books()


def test_after_a_change_of_phone_a_message_is_no_proof_for_a_day(
    payer: User, bob: User, phones: Any
) -> None:
    ask_from(payer, 100_00)
    begin_caution(user=payer, why="phone_changed")
    browser, payment = browser_of(payer), compose(payer, bob, "200.00")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        answer = type_password(browser, payment)
        page = browser.get(answer["Location"])
        html = page.content.decode()
        assert_page_is_clean(html)
        assert "do not count as a second proof until" in html and "Pay less" in html
        assert not read_sms(str(payer.phone))
        # Neither a code sent earlier, nor a factor that came with the new number.
        for form in ({"code": "123456"}, {"send": "1"}, {}):
            assert browser.post(at(payment, "prove/"), form).status_code in {302, 422}
        secret = enrol_authenticator(user=payer).secret
        assert type_code(browser, payment, app_code(secret)).status_code == 422
        assert money_of(bob) == 0 and not read_sms(str(payer.phone))
        confirm(compose(payer, bob, "99.00"))
        clock.shift(timedelta(days=1, seconds=1))
        late = compose(payer, bob, "200.00")
        again = browser_of(payer)
        type_password(again, late)
        assert type_code(again, late, app_code(secret)).status_code == 302
    assert money_of(bob) == 299_00
    prove_the_books()


def test_a_factor_that_was_there_before_the_new_phone_is_asked_for(payer: User, bob: User) -> None:
    ask_from(payer, 100_00)
    secret = enrol(payer)
    Authenticator.objects.update(created_at=timezone.now() - timedelta(days=2))
    begin_caution(user=payer, why="phone_changed")
    browser, payment = browser_of(payer), compose(payer, bob, "200.00")
    type_password(browser, payment)
    assert type_code(browser, payment, app_code(secret)).status_code == 302
    assert money_of(bob) == 200_00
    prove_the_books()
