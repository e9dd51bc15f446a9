"""After five idle minutes nothing is shown and nothing is done until the person proves themselves;
what was typed comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.security.models import SecurityEvent, UserSession
from accounts.signin.models import KeptForm
from accounts.signin.tasks import clear_sessions
from accounts.users.models import User
from payments.processing.models import Payment
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, make_customer, prove_the_books, wallet_with

pytestmark = pytest.mark.django_db
TYPED = {"payee": "13900134412", "amount": "120.50", "note": 'for <dinner> & "tea"'}


@pytest.fixture
def here(client: Client, alice: User, bob: User) -> Client:
    """Alice, signed in and with money."""
    wallet_with(alice, "500.00")
    wallet_with(bob)
    client.force_login(alice)
    assert client.get("/home/").status_code == 200
    return client


def idle(minutes: float) -> None:
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=minutes))


def prove(client: Client, address: str, **data: str) -> Any:
    next_path = parse_qs(urlsplit(address).query).get("next", [""])[0]
    proof = data or {"payment_password": PAYMENT_PASSWORD}
    return client.post("/sign-in/resume/", {**proof, "next": next_path})


def test_four_minutes_are_no_pause_and_six_are(here: Client) -> None:
    idle(4)
    assert here.get("/activity/").status_code == 200
    idle(6)
    answer = here.get("/activity/?q=tea")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/resume/?next=%2Factivity%2F%3Fq%3Dtea"
    page = here.get(answer["Location"]).content.decode()
    assert "500.00" not in page and "陈" not in page and "138" not in page


def test_the_proof_gives_the_page_back_and_the_session_a_new_key(here: Client) -> None:
    before = here.session.session_key or ""
    idle(6)
    asked = here.get("/activity/?q=tea")["Location"]
    answer = prove(here, asked)
    assert answer["Location"] == "/activity/?q=tea"
    assert here.session.session_key != before
    assert not here.session.exists(before)
    assert here.get("/activity/?q=tea").status_code == 200
    assert SecurityEvent.objects.filter(kind="session.resumed").count() == 1


def test_the_login_password_works_too(here: Client) -> None:
    idle(6)
    asked = here.get("/home/")["Location"]
    page = here.get(f"{asked}&by=login").content.decode()
    assert 'name="password"' in page and 'name="payment_password"' not in page
    answer = prove(here, asked, by="login", password="something else")
    assert answer.status_code == 422
    assert prove(here, asked, by="login", password=LOGIN_PASSWORD)["Location"] == "/home/"
    assert here.get("/home/").status_code == 200


def test_nothing_is_seen_or_done_without_the_proof(here: Client) -> None:
    idle(6)
    for address in ("/home/", "/activity/", "/transfer/", "/security/", "/me/", "/cards/"):
        assert here.get(address)["Location"].startswith("/sign-in/resume/")
    here.get("/sign-in/resume/?next=/home/")
    assert here.get("/home/").status_code == 302
    assert here.get("/sign-in/")["Location"] == "/home/"
    assert here.post("/preferences/amounts/", {"hide": "yes"}).status_code == 302
    assert not User.objects.get(phone="+8613800136027").hide_amounts


def test_wrong_digits_count_on_the_one_ladder(here: Client, alice: User) -> None:
    idle(6)
    asked = here.get("/home/")["Location"]
    for _ in range(4):
        assert prove(here, asked, payment_password="111222").status_code == 422
    assert prove(here, asked, payment_password="111222").status_code == 422
    assert prove(here, asked).status_code == 422
    page = here.get(asked).content.decode()
    assert 'name="password"' in page
    assert prove(here, asked, by="login", password=LOGIN_PASSWORD)["Location"] == "/home/"


def test_a_form_sent_late_is_not_carried_out_and_comes_back_as_it_was(here: Client) -> None:
    key = here.get("/transfer/").context["form"]["compose_key"].value()
    idle(6)
    sent = here.post("/transfer/", {**TYPED, "compose_key": str(key)})
    assert sent["Location"].startswith("/sign-in/resume/?next=")
    assert Payment.objects.count() == 0
    back = prove(here, sent["Location"])["Location"]
    page = here.get(back)
    html = page.content.decode()
    assert page.status_code == 200
    assert 'value="13900134412"' in html and 'value="120.50"' in html
    assert "for &lt;dinner&gt; &amp; &quot;tea&quot;" in html
    assert Payment.objects.count() == 0
    prove_the_books()


def test_after_fifteen_minutes_one_signs_in_again_and_finds_what_was_typed(here: Client) -> None:
    idle(16)
    sent = here.post("/transfer/", TYPED, headers={"referer": "http://testserver/transfer/?a=1"})
    assert sent["Location"].startswith("/sign-in/?next=")
    next_path = parse_qs(urlsplit(sent["Location"]).query)["next"][0]
    data = {"phone": "13800136027", "password": LOGIN_PASSWORD, "next": next_path}
    back = here.post("/sign-in/", data)["Location"]
    assert back.startswith("/transfer/?a=1&kept=")
    assert 'value="120.50"' in here.get(back).content.decode()
    assert Payment.objects.count() == 0


def test_what_is_secret_is_never_kept(here: Client) -> None:
    secrets = {
        "payment_password": "739164", "old": "123987", "new": "a new secret", "code": "864213",
        "password": "a quiet river 27", "number": "6222021234567890128", "id_number": "x",
        "note": "11010119900307123X", "memo": "4111 1111 1111 1111", "digits": "1234",
        "csrfmiddlewaretoken": "abc", "compose_key": "k", "amount": "77.00",
    }  # fmt: skip
    idle(6)
    here.post("/transfer/", secrets)
    kept = KeptForm.objects.get()
    from accounts.identity.vault import decrypt

    text = decrypt(kept.fields_encrypted)
    assert "77.00" in text
    for name, value in secrets.items():
        if name != "amount" and len(value) > 3:
            assert value not in text, name
    assert "77.00" not in kept.fields_encrypted


def test_what_was_kept_is_for_its_owner_for_its_page_and_for_a_while(here: Client) -> None:
    idle(6)
    sent = here.post("/transfer/", TYPED)
    back = prove(here, sent["Location"])["Location"]
    mark = urlsplit(back).query
    assert "120.50" in here.get(f"/transfer/?{mark}").content.decode()
    assert "120.50" not in here.get(f"/top-up/?{mark}").content.decode()
    assert here.get("/transfer/?kept=junk").status_code == 200
    other = Client()
    mallory = make_customer("马洛")
    wallet_with(mallory)
    other.force_login(mallory)
    assert "120.50" not in other.get(f"/transfer/?{mark}").content.decode()
    KeptForm.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "120.50" not in here.get(f"/transfer/?{mark}").content.decode()
    clear_sessions()
    assert not KeptForm.objects.exists()


def test_a_form_with_a_foreign_token_is_neither_carried_out_nor_kept(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    wallet_with(alice)
    strict.force_login(alice)
    strict.get("/home/")
    idle(6)
    assert strict.post("/transfer/", TYPED).status_code == 403
    assert not KeptForm.objects.exists()


def test_a_page_that_asks_by_itself_is_not_somebody(here: Client) -> None:
    idle(4)
    by_itself = {"sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin"}
    assert here.get("/home/", headers=by_itself).status_code == 200
    assert here.get("/home/", headers={"sec-fetch-mode": "cors"}).status_code == 200
    assert here.get("/home/", headers={"x-wallet-background": "1"}).status_code == 200
    assert UserSession.objects.get().last_seen_at < timezone.now() - timedelta(minutes=3)
    person = {**by_itself, "sec-fetch-user": "?1"}
    assert here.get("/home/", headers=person).status_code == 200
    assert UserSession.objects.get().last_seen_at > timezone.now() - timedelta(minutes=1)


def test_a_page_that_covered_itself_covers_every_tab(here: Client) -> None:
    answer = here.post(
        "/sign-in/cover/", {**TYPED, "kept_action": "/transfer/"},
        headers={"referer": "http://testserver/transfer/"},
    )  # fmt: skip
    back = answer.json()["page"]
    assert back.startswith("/transfer/?kept=")
    assert here.get("/home/")["Location"].startswith("/sign-in/resume/")
    assert here.post("/sign-in/stay/", headers={"sec-fetch-mode": "cors"}).status_code == 204
    assert here.get("/home/")["Location"].startswith("/sign-in/resume/")
    fragment = here.get("/sign-in/resume/?fragment=1").content.decode()
    assert "<html" not in fragment and 'name="fragment"' in fragment
    wrong = here.post("/sign-in/resume/", {"fragment": "1", "payment_password": "111222"})
    assert wrong.status_code == 422 and b"<html" not in wrong.content
    right = here.post("/sign-in/resume/", {"fragment": "1", "payment_password": PAYMENT_PASSWORD})
    assert right.status_code == 204
    assert 'value="120.50"' in here.get(back).content.decode()


def test_staying_signed_in_moves_the_end_and_never_lifts_the_cover(here: Client) -> None:
    idle(14)
    here.post("/sign-in/stay/")
    assert here.get("/home/")["Location"].startswith("/sign-in/resume/")
    idle(16)
    assert here.post("/sign-in/stay/")["Location"].startswith("/sign-in/")
    assert here.get("/home/")["Location"].startswith("/sign-in/?next=")


def test_a_cover_leads_nowhere_else(here: Client) -> None:
    idle(6)
    answer = here.post(
        "/sign-in/resume/", {"payment_password": PAYMENT_PASSWORD, "next": "//evil.example"}
    )
    assert answer["Location"] == "/home/"
    assert here.get("/sign-in/resume/?next=/activity/")["Location"] == "/activity/"


def test_signing_out_needs_no_proof(here: Client) -> None:
    idle(6)
    answer = here.post("/sign-out/")
    assert answer["Location"] == "/sign-in/"
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
