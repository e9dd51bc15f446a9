"""The first page after signing in."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.payment_password.errors import PaymentPasswordWrong
from accounts.payment_password.models import PaymentPassword
from accounts.payment_password.services import check_payment_password
from accounts.users.models import User
from payments.banking.tests.builders import authorised, link_card
from payments.records.attention import find_tip
from payments.records.tests.builders import sent
from payments.wallets.models import Wallet
from payments.wallets.services import freeze_wallet, open_wallet
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    make_customer,
    make_id_number,
    prove_the_books,
    wallet_with,
)
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db


def home(client: Client, user: User) -> str:
    client.force_login(user)
    response = client.get("/home/")
    assert response.status_code == 200
    html = response.content.decode()
    assert_page_is_clean(html)
    return html


def test_the_first_visit_opens_the_wallet(client: Client, alice: User) -> None:
    assert not Wallet.objects.exists()
    html = home(client, alice)
    wallet = Wallet.objects.get()
    assert wallet.owner == alice
    assert wallet.number[-4:] in html
    home(client, alice)
    assert Wallet.objects.count() == 1


def test_a_wallet_without_a_name_has_a_home_too(client: Client) -> None:
    home(client, make_customer(id_number=""))


def test_name_and_id_number_added_later_raise_the_wallets_class(client: Client) -> None:
    person = make_customer(id_number="")
    home(client, person)
    assert Wallet.objects.get().wallet_class == Wallet.WalletClass.IV
    client.post("/step-up/", {"password": LOGIN_PASSWORD})
    client.post("/me/identity/", {"name": "陈思远", "id_number": make_id_number()})
    home(client, person)
    assert Wallet.objects.get().wallet_class == Wallet.WalletClass.III


def test_home_shows_the_balance_and_the_last_five(client: Client, alice: User, bob: User) -> None:
    wallet_with(alice, "1234.50")
    open_wallet(user=bob)
    for amount in range(1, 8):
        sent(alice, bob, f"{amount}.00")
    html = home(client, alice)
    assert "¥1,206.50" in html
    assert html.count('class="row__title"') == 5 + 1
    assert "−¥7.00" in html
    assert "−¥2.00" not in html
    prove_the_books()


def test_home_in_chinese_and_english(client: Client, alice: User) -> None:
    for language in ("zh-hans", "en"):
        alice.locale = language
        alice.save()
        home(client, alice)


def test_one_tip_at_most_and_the_most_pressing_first(alice: User, phones: Any) -> None:
    wallet = open_wallet(user=alice)

    def icon() -> str:
        wallet.refresh_from_db()
        tip = find_tip(alice, wallet)
        return tip.icon if tip else ""

    assert icon() == "shield-alert"
    long_ago = timezone.now() - timedelta(days=91)
    PaymentPassword.objects.filter(user=alice).update(changed_at=long_ago)
    assert icon() == "key"
    authorised(alice, link_card(alice), 10_00)
    assert icon() == "clock"
    for _times in range(5):
        with pytest.raises(Exception) as refusal:
            check_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)
    assert not isinstance(refusal.value, PaymentPasswordWrong)
    assert icon() == "lock"
    freeze_wallet(wallet=wallet, by=alice, reason="test")
    assert icon() == "freeze"
    prove_the_books()


def test_home_asks_for_a_payment_password_first(client: Client, alice: User) -> None:
    PaymentPassword.objects.filter(user=alice).delete()
    tip = find_tip(alice, open_wallet(user=alice))
    assert tip is not None
    assert tip.icon == "key"


def test_a_stranger_is_sent_to_sign_in(client: Client, db: None) -> None:
    for path in ("/home/", "/activity/", f"/activity/{uuid.uuid4()}/"):
        assert "/sign-in/" in client.get(path)["Location"]
