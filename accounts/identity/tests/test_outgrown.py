"""A name and an ID number that come later make a password guessable that was good before."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.factors.errors import ProofWrong
from accounts.factors.services import prove_anew
from accounts.identity.services import add_identity
from accounts.payment_password.outgrown import look_at_passwords_again
from accounts.payment_password.selectors import payment_password_state
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, make_customer, make_id_number
from tests.doors import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]
ANOTHER = "a wide meadow 44"


def add(user: User, number: str, password: str = LOGIN_PASSWORD) -> tuple[Client, str]:
    client = signed_in(user, password)
    client.post("/step-up/", {"password": password})
    answer = client.post("/me/identity/", {"name": "陈思远", "id_number": number})
    assert answer.status_code == 302
    return client, answer["Location"]


def advice(client: Client) -> str:
    return client.get("/security/").content.decode()


@pytest.mark.parametrize("is_held", [True, False])
def test_a_payment_password_that_the_id_number_holds_is_asked_for_anew(is_held: bool) -> None:
    number = make_id_number(serial="164")
    user = make_customer(id_number="", pin=number[-7:-1] if is_held else PAYMENT_PASSWORD)
    client, leads_to = add(user, number)
    assert payment_password_state(user).is_outgrown is is_held
    assert (leads_to == "/security/payment-password/") is is_held
    page = advice(client)
    assert ("Choose another payment password" in page) is is_held
    assert ("part of your phone number, ID number or birthday" in page) is is_held


@pytest.mark.parametrize("is_small", [True, False])
def test_a_login_password_that_is_the_id_number_is_asked_for_anew(is_small: bool) -> None:
    number = make_id_number()
    password = number.lower() if is_small else number[6:14]
    user = make_customer(id_number="")
    # Not among the secrets that every page of the run is looked through for: it is a date.
    user.set_password(password)
    user.save()
    client, leads_to = add(user, number, password)
    assert leads_to == "/security/login-password/"
    assert "Choose another login password" in advice(client)
    form = {"old": password, "new": ANOTHER, "again": ANOTHER}
    assert client.post("/security/login-password/", form).status_code == 302
    assert "Choose another login password" not in advice(client)


def test_a_login_password_that_is_only_like_it_is_noticed_when_it_is_typed() -> None:
    number = make_id_number()
    password = f"x {number[-6:]} z"
    user = make_customer(id_number="", password=password)
    client, leads_to = add(user, number, password)
    assert leads_to == "/home/"
    assert "Choose another login password" not in advice(client)
    with pytest.raises(ProofWrong):
        prove_anew(user=user, password="something else")
    assert "Choose another login password" not in advice(client)
    prove_anew(user=user, password=password)
    assert "Choose another login password" in advice(client)
    assert "Choose another login password" in advice(signed_in(user, password))


def test_good_passwords_stay(alice: User) -> None:
    client, leads_to = add(make_customer(id_number="", pin=PAYMENT_PASSWORD), make_id_number())
    assert leads_to == "/home/"
    assert "Choose another" not in advice(client)


def test_looking_again_does_not_take_back_what_was_noticed_when_it_was_typed() -> None:
    number = make_id_number()
    user = make_customer(id_number="", password=f"x {number[-6:]} z")
    add_identity(user=user, name="陈思远", id_number=number)
    prove_anew(user=user, password=f"x {number[-6:]} z")
    look_at_passwords_again(user=user)
    assert User.objects.get(pk=user.pk).is_password_outgrown
