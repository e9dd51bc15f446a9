"""The pages of the payment password."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.identity.selectors import find_identity
from accounts.identity.vault import decrypt
from accounts.payment_password import services
from accounts.payment_password.errors import PaymentPasswordLocked, PaymentPasswordWrong
from accounts.payment_password.selectors import payment_password_state
from accounts.users.models import User
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    make_customer,
    read_code,
)
from tests.doors import signed_in, signed_in_and_proved
from tests.pages import assert_page_is_clean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


def id_digits(user: User) -> str:
    """The last six of somebody's ID number."""
    identity = find_identity(user)
    assert identity is not None
    return decrypt(identity.id_number_encrypted)[-6:]


def new_twice(pin: str = OTHER_PAYMENT_PASSWORD) -> dict[str, str]:
    """A new one, typed twice."""
    return {"payment_password": pin, "payment_password_again": pin}


def walk_to_new(client: Client, user: User) -> None:
    """Steps 1 and 2 of the reset."""
    proof = {"login_password": LOGIN_PASSWORD, "id_digits": id_digits(user)}
    assert client.post("/recover/payment/", proof)["Location"] == "/recover/payment/code/"
    assert_page_is_clean(client.get("/recover/payment/code/").content.decode())
    answer = client.post("/recover/payment/code/", {"code": read_code(str(user.phone))})
    assert answer["Location"] == "/recover/payment/new/"


def test_it_is_changed_with_the_old_one(alice: User) -> None:
    client = signed_in_and_proved(alice)
    assert_page_is_clean(client.get("/security/payment-password/").content.decode())
    answer = client.post("/security/payment-password/", {"old": PAYMENT_PASSWORD, **new_twice()})
    assert answer.status_code == 302
    services.check_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)


def test_the_old_one_alone_changes_nothing_without_fresh_proof(alice: User) -> None:
    client = signed_in(alice)
    answer = client.post("/security/payment-password/", {"old": PAYMENT_PASSWORD, **new_twice()})
    assert answer["Location"] == "/step-up/?next=%2Fsecurity%2Fpayment-password%2F"
    services.check_payment_password(user=alice, raw=PAYMENT_PASSWORD)
    proof = {"password": LOGIN_PASSWORD, "next": "/security/payment-password/"}
    assert client.post("/step-up/", proof)["Location"] == "/security/payment-password/"
    client.post("/security/payment-password/", {"old": PAYMENT_PASSWORD, **new_twice()})
    services.check_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)


def test_changing_it_too_often_says_how_long_to_wait(alice: User, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "change": {"person": [(1, 600)]}}
    client = signed_in_and_proved(alice)
    typed = {"old": PAYMENT_PASSWORD, **new_twice()}
    assert client.post("/security/payment-password/", typed).status_code == 302
    answer = client.post("/security/payment-password/", typed)
    assert answer.status_code == 429 and int(answer["Retry-After"]) <= 600


def test_a_wrong_old_one_is_told_beside_its_field(alice: User) -> None:
    answer = signed_in_and_proved(alice).post(
        "/security/payment-password/", {"old": "580271", **new_twice()}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="id_old_error"' in page
    assert "4 tries left" in page
    assert "580271" not in page
    assert_page_is_clean(page)


def test_a_locked_one_shows_until_when_and_the_way_out(alice: User) -> None:
    for _try in range(5):
        with pytest.raises((PaymentPasswordWrong, PaymentPasswordLocked)):
            services.check_payment_password(user=alice, raw="580271")
    page = signed_in_and_proved(alice).get("/security/payment-password/").content.decode()
    assert "Payments are paused" in page
    assert "/recover/payment/" in page
    assert_page_is_clean(page)


def test_the_reset_ends_a_lock(alice: User) -> None:
    for _try in range(5):
        with pytest.raises((PaymentPasswordWrong, PaymentPasswordLocked)):
            services.check_payment_password(user=alice, raw="580271")
    client = signed_in(alice)
    assert_page_is_clean(client.get("/recover/payment/").content.decode())
    walk_to_new(client, alice)
    assert_page_is_clean(client.get("/recover/payment/new/").content.decode())
    assert client.post("/recover/payment/new/", new_twice("123456")).status_code == 422
    assert client.post("/recover/payment/new/", new_twice()).status_code == 302
    services.check_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)
    assert not payment_password_state(alice).is_locked


def test_a_reset_counts_once(alice: User) -> None:
    client = signed_in(alice)
    walk_to_new(client, alice)
    assert client.post("/recover/payment/new/", new_twice()).status_code == 302
    again = client.post("/recover/payment/new/", new_twice("518273"))
    assert again["Location"] == "/recover/payment/"
    services.check_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)


def test_steps_of_the_reset_cannot_be_skipped(alice: User) -> None:
    client = signed_in(alice)
    for path in ("/recover/payment/code/", "/recover/payment/new/"):
        assert client.get(path)["Location"] == "/recover/payment/"
        assert client.post(path, new_twice())["Location"] == "/recover/payment/"
    proof = {"login_password": LOGIN_PASSWORD, "id_digits": id_digits(alice)}
    client.post("/recover/payment/", proof)
    assert client.post("/recover/payment/new/", new_twice())["Location"] == "/recover/payment/"
    services.check_payment_password(user=alice, raw=PAYMENT_PASSWORD)


@pytest.mark.parametrize("changes", [{"login_password": "wrong wrong"}, {"id_digits": "000000"}])
def test_a_wrong_proof_does_not_say_which(alice: User, changes: dict[str, str]) -> None:
    proof = {"login_password": LOGIN_PASSWORD, "id_digits": id_digits(alice), **changes}
    client = signed_in(alice)
    answer = client.post("/recover/payment/", proof)
    assert answer.status_code == 422
    assert "The login password or the ID digits are not right" in answer.content.decode()


def test_wrong_proofs_pause_the_reset_with_words_and_time_of_its_own(alice: User) -> None:
    client = signed_in(alice)
    for _try in range(5):
        client.post("/recover/payment/", {"login_password": "x", "id_digits": "000000"})
    proof = {"login_password": LOGIN_PASSWORD, "id_digits": id_digits(alice)}
    answer = client.post("/recover/payment/", proof)
    assert answer.status_code == 429
    page = answer.content.decode()
    assert_page_is_clean(page)
    assert "Your answers are paused" in page and "You can try again from" in page
    assert 800 < int(answer["Retry-After"]) <= 15 * 60 + 1
    assert "/support/new/" in page and "/security/freeze/" in page


def test_a_phone_only_customer_is_not_asked_for_an_id_number() -> None:
    user = make_customer(id_number="")
    client = signed_in(user)
    assert "id_digits" not in client.get("/recover/payment/").content.decode()
    answer = client.post("/recover/payment/", {"login_password": LOGIN_PASSWORD})
    assert answer["Location"] == "/recover/payment/code/"


def test_strangers_are_sent_to_the_door() -> None:
    for path in ("/security/payment-password/", "/recover/payment/", "/recover/payment/new/"):
        assert Client().get(path)["Location"].startswith("/sign-in/")
