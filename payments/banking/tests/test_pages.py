"""The pages of cards and top-ups, as a browser without script sees them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.identity.selectors import full_name
from accounts.security.models import UserSession
from accounts.users.models import User
from payments.banking.clearing import advance_order
from payments.banking.models import BankOrder, CardDraft, LinkedCard
from payments.banking.tests.builders import advance_fully, authorised, card_number, link_card
from payments.processing.models import Payment
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import (
    PAYMENT_PASSWORD,
    make_customer,
    prove_the_books,
    read_code,
    wallet_with,
)
from tests.pages import assert_page_is_clean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def prove_afresh(client: Client, user: User) -> None:
    """As on the step-up page, a moment ago."""
    client.get("/cards/")
    UserSession.objects.filter(user=user, ended_at=None).update(proved_at=timezone.now())


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    html = response.content.decode()
    assert_page_is_clean(html)
    return html


def test_a_new_customer_is_led_from_no_card_to_the_form(client: Client, alice: User) -> None:
    signed_in(client, alice)
    assert reverse("banking:add_card") in page(client, "/cards/")
    assert reverse("banking:add_card") in page(client, "/top-up/")
    page(client, "/cards/add/")


def test_who_has_no_name_yet_is_led_to_giving_it(client: Client) -> None:
    signed_in(client, make_customer(id_number=""))
    for path in ("/cards/", "/cards/add/", "/top-up/"):
        assert reverse("identity:add") in page(client, path)


def test_a_card_is_linked_in_two_pages(client: Client, alice: User) -> None:
    signed_in(client, alice)
    sent = {"number": card_number(), "holder_name": full_name(alice)}
    response = client.post("/cards/add/", sent)
    assert response.status_code == 302
    page(client, response["Location"])
    code = read_code(str(alice.phone))
    wrong = client.post(response["Location"], {"code": f"{(int(code) + 1) % 10**6:06d}"})
    assert wrong.status_code == 422
    assert_page_is_clean(wrong.content.decode())
    done = client.post(response["Location"], {"code": code})
    assert done.status_code == 302
    card = LinkedCard.objects.get(owner=alice)
    html = page(client, "/cards/")
    assert card.last4 in html
    assert card_number() not in html
    # The link of the code page, opened again, leads on instead of breaking.
    assert client.get(response["Location"]).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "6210990000000011"),
        ("number", ""),
        ("number", "6210\x00990000000018"),
        ("number", "4111111111111111"),
        ("holder_name", "林晓"),
        ("holder_name", ""),
    ],
)
def test_a_bad_card_gets_a_sentence_and_keeps_what_was_typed(
    client: Client, alice: User, field: str, value: str
) -> None:
    signed_in(client, alice)
    sent = {"number": card_number(), "holder_name": full_name(alice), field: value}
    response = client.post("/cards/add/", sent)
    assert response.status_code == 422
    html = response.content.decode()
    assert_page_is_clean(html)
    assert 'aria-invalid="true"' in html
    assert (full_name(alice) if field == "number" else card_number()) in html


def test_trying_many_cards_is_stopped(client: Client, alice: User) -> None:
    signed_in(client, alice)
    sent = {"number": "6210990000000011", "holder_name": full_name(alice)}
    answers = [client.post("/cards/add/", sent).status_code for _times in range(12)]
    assert answers == [422] * 10 + [429] * 2


def test_another_persons_card_and_draft_are_not_there(
    client: Client, alice: User, mallory: User
) -> None:
    card = link_card(alice)
    draft = CardDraft.objects.get()
    signed_in(client, mallory)
    remove = reverse("banking:remove_card", args=[card.public_id])
    confirm = reverse("banking:confirm_card", args=[draft.public_id])
    for path in (remove, confirm):
        assert client.get(path).status_code == 404
        assert client.post(path, {"code": "123456"}).status_code == 404
    assert LinkedCard.objects.get().removed_at is None


def test_a_card_is_removed_after_a_question(client: Client, alice: User) -> None:
    card = link_card(alice)
    signed_in(client, alice)
    path = reverse("banking:remove_card", args=[card.public_id])
    assert client.post(path)["Location"].startswith(reverse("factors:step_up"))
    prove_afresh(client, alice)
    page(client, path)
    assert client.post(path).status_code == 302
    card.refresh_from_db()
    assert card.removed_at is not None
    assert client.get(path).status_code == 404


def test_a_card_in_use_says_why_it_stays(client: Client, alice: User) -> None:
    card = link_card(alice)
    authorised(alice, card, 10_00)
    signed_in(client, alice)
    prove_afresh(client, alice)
    response = client.post(reverse("banking:remove_card", args=[card.public_id]))
    assert response.status_code == 422
    assert_page_is_clean(response.content.decode())


def compose(card: LinkedCard, amount: str, **changes: Any) -> dict[str, Any]:
    facts = {"card": str(card.public_id), "amount": amount, "compose_key": str(uuid.uuid4())}
    return {**facts, **changes}


@pytest.mark.usefixtures("quick_bank")
def test_topping_up_from_the_form_to_the_balance(client: Client, alice: User) -> None:
    card = link_card(alice)
    signed_in(client, alice)
    page(client, "/top-up/")
    sent = compose(card, "120.50")
    response = client.post("/top-up/", sent)
    assert response.status_code == 302
    payment = Payment.objects.get()
    assert str(payment.public_id) in response["Location"]
    assert card.last4 in page(client, response["Location"])
    # The same form again is the same payment.
    assert client.post("/top-up/", sent)["Location"] == response["Location"]
    authorise = reverse("processing:authorise", args=[payment.public_id])
    page(client, authorise)
    client.post(authorise, {"payment_password": PAYMENT_PASSWORD})
    payment.refresh_from_db()
    assert payment.state == "processing", payment.state
    result = reverse("processing:result", args=[payment.public_id])
    page(client, result)
    advance_order(order_id=BankOrder.objects.get().pk)
    advance_fully(payment)
    page(client, result)
    assert wallet_balance(get_wallet_for(alice)).available_minor == 120_50
    prove_the_books()


@pytest.mark.parametrize(
    "amount",
    ["", "0", "-1", "1e3", "１２", "12.345", "NaN", "99999999999999999999", "1\x002", "500000.01"],
)
def test_a_bad_amount_is_refused_by_name(client: Client, alice: User, amount: str) -> None:
    card = link_card(alice)
    signed_in(client, alice)
    response = client.post("/top-up/", compose(card, amount))
    assert response.status_code == 422
    html = response.content.decode()
    assert_page_is_clean(html)
    assert 'aria-invalid="true"' in html
    assert not Payment.objects.exists()


def test_somebody_elses_card_cannot_be_charged(client: Client, alice: User, mallory: User) -> None:
    card = link_card(alice)
    link_card(mallory, card_number("621099000000002"))
    signed_in(client, mallory)
    assert client.post("/top-up/", compose(card, "10.00")).status_code == 422
    assert not Payment.objects.exists()


def test_a_broken_form_key_is_no_crash(client: Client, alice: User) -> None:
    card = link_card(alice)
    signed_in(client, alice)
    response = client.post("/top-up/", compose(card, "10.00", compose_key="nonsense"))
    assert response.status_code == 422


def test_strangers_are_sent_to_sign_in(client: Client, db: None) -> None:
    for path in ("/cards/", "/cards/add/", "/top-up/"):
        response = client.get(path)
        assert response.status_code == 302
        assert "/sign-in/" in response["Location"]


def test_a_top_up_form_sent_again_is_one_top_up_and_a_changed_one_gets_a_new_key(
    client: Client, alice: User
) -> None:
    card = link_card(alice)
    signed_in(client, alice)
    key = str(uuid.uuid4())
    sent = {"card": str(card.public_id), "amount": "100.00", "compose_key": key}
    first, again = client.post("/top-up/", sent), client.post("/top-up/", sent)
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    changed = client.post("/top-up/", sent | {"amount": "200.00"})
    assert changed.status_code == 422
    new_key = changed.context["form"]["compose_key"].value()
    assert new_key != key
    other = client.post("/top-up/", sent | {"amount": "200.00", "compose_key": new_key})
    assert other.status_code == 302
    assert sorted(Payment.objects.values_list("amount_minor", flat=True)) == [10_000, 20_000]
    prove_the_books()


@pytest.mark.parametrize("amount", ["0", "-1", "1e3", "１２", "12.345", "NaN", "9" * 20, "1\x002"])
def test_a_bad_top_up_amount_is_refused_by_name(client: Client, alice: User, amount: str) -> None:
    card = link_card(alice)
    signed_in(client, alice)
    sent = {"card": str(card.public_id), "amount": amount, "compose_key": str(uuid.uuid4())}
    answer = client.post("/top-up/", sent)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["amount"]
    assert not Payment.objects.exists()


@pytest.mark.usefixtures("quick_bank")
def test_withdrawing_from_the_form_to_the_card(client: Client, alice: User) -> None:
    wallet_with(alice, "300.00")
    signed_in(client, alice)
    client.cookies["wallet-language"] = "en"
    assert reverse("banking:add_card") in page(client, "/withdraw/")
    card = link_card(alice)
    assert "300.00" in page(client, "/withdraw/")
    filled = client.post("/withdraw/", compose(card, "12,", all="yes"))
    assert filled.status_code == 200
    assert 'value="300.00"' in filled.content.decode()
    assert not Payment.objects.exists()
    sent = compose(card, "300.00")
    response = client.post("/withdraw/", sent)
    assert client.post("/withdraw/", sent)["Location"] == response["Location"]
    assert "was linked on" in page(client, response["Location"])
    LinkedCard.objects.update(linked_at=timezone.now() - timedelta(days=2))
    html = page(client, response["Location"])
    assert card.last4 in html
    assert "was linked on" not in html
    payment = Payment.objects.get()
    client.post(
        reverse("processing:authorise", args=[payment.public_id]),
        {"payment_password": PAYMENT_PASSWORD},
    )
    result = reverse("processing:result", args=[payment.public_id])
    page(client, result)
    receipt = reverse("records:receipt", args=[payment.public_id])
    page(client, receipt, status=404)
    advance_fully(payment, "pay_out")
    page(client, result)
    page(client, receipt)
    assert "\u2212" in page(client, reverse("records:entry", args=[payment.public_id]))
    page(client, reverse("records:home"))
    assert wallet_balance(get_wallet_for(alice)).posted_minor == 0
    prove_the_books()


@pytest.mark.parametrize("amount", ["", "0", "-1", "12.345", "1e3", "NaN", "300.01", "9" * 20])
def test_a_bad_withdrawal_is_refused_by_name(client: Client, alice: User, amount: str) -> None:
    wallet_with(alice, "300.00")
    card = link_card(alice)
    signed_in(client, alice)
    response = client.post("/withdraw/", compose(card, amount))
    assert response.status_code == 422
    assert_page_is_clean(response.content.decode())
    assert list(response.context["form"].errors) == ["amount"]
    assert not Payment.objects.exists()
