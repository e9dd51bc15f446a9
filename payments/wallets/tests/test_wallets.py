"""Opening a wallet, its class, and how it is found."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.identity.services import raise_assurance
from accounts.users.models import User
from ledger.errors import BalanceCapExceeded
from ledger.selectors import get_account
from payments.wallets.models import Wallet
from payments.wallets.numbers import is_wallet_number, new_wallet_number
from payments.wallets.selectors import find_payee, wallet_balance, wallet_label
from payments.wallets.services import (
    match_wallet_class,
    open_merchant_wallet,
    open_wallet,
    set_wallet_class,
)
from tests.cast import make_customer, prove_the_books, wallet_with
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db


def test_a_wallet_is_opened_once_with_the_cap_of_its_class(alice: User) -> None:
    wallet = open_wallet(user=alice)

    assert open_wallet(user=alice) == wallet
    assert wallet.wallet_class == "III"
    account = get_account(wallet.ledger_account_id)
    assert (account.code, account.balance_cap_minor) == (f"wallet:{wallet.public_id}", 20_000_00)
    assert wallet_balance(wallet).available_minor == 0


def test_a_phone_alone_opens_class_four() -> None:
    wallet = open_wallet(user=make_customer(id_number=""))

    assert wallet.wallet_class == "IV"
    assert get_account(wallet.ledger_account_id).balance_cap_minor == 10_000_00


def test_the_database_allows_one_personal_wallet_per_person(alice: User, bob: User) -> None:
    first, second = open_wallet(user=alice), open_wallet(user=bob)

    with pytest.raises(IntegrityError), transaction.atomic():
        Wallet.objects.filter(pk=second.pk).update(owner=first.owner)


def test_a_class_four_wallet_cannot_hold_more_than_its_cap() -> None:
    wallet = wallet_with(make_customer(id_number=""), "10000.00")

    with pytest.raises(BalanceCapExceeded):
        wallet_with(wallet.owner, "0.01")

    assert wallet_balance(wallet).available_minor == 10_000_00
    prove_the_books()


def test_a_higher_level_raises_the_class_and_its_cap(alice: User) -> None:
    wallet = open_wallet(user=alice)
    raise_assurance(user=alice, level="card", reason="own card linked")

    assert match_wallet_class(user=alice) == wallet
    wallet.refresh_from_db()
    assert wallet.wallet_class == "II"
    assert get_account(wallet.ledger_account_id).balance_cap_minor == 500_000_00


def test_a_class_that_cannot_hold_the_balance_is_refused(alice: User) -> None:
    wallet = wallet_with(alice, "15000.00")

    with pytest.raises(BalanceCapExceeded):
        set_wallet_class(wallet=wallet, wallet_class="IV")

    wallet.refresh_from_db()
    assert wallet.wallet_class == "III"
    prove_the_books()


def test_a_wallet_number_carries_its_check_digit() -> None:
    for _ in range(50):
        number = new_wallet_number()
        assert is_wallet_number(number)
        other = str((int(number[8]) + 1) % 10)
        assert not is_wallet_number(number[:8] + other + number[9:])


@pytest.mark.parametrize(
    "text", ["", " ", "x" * 5000, "\x00", "６２１０" * 4, "13800136027x", "١٢"]
)
def test_odd_texts_find_nobody(alice: User, text: str) -> None:
    open_wallet(user=alice)

    assert find_payee(text) is None


def test_a_payee_is_found_by_phone_and_by_number(alice: User) -> None:
    wallet = open_wallet(user=alice)

    assert find_payee("138 0013 6027") == find_payee("+86 138-0013-6027") == wallet
    assert find_payee(wallet.number) == wallet


def test_who_was_switched_off_is_not_found(alice: User) -> None:
    wallet = open_wallet(user=alice)
    alice.is_active = False
    alice.save()

    assert find_payee(wallet.number) is None


def test_others_see_a_masked_name_and_a_shop_sees_its_own(alice: User) -> None:
    shop = open_merchant_wallet(user=alice, name="South City Books")

    assert wallet_label(open_wallet(user=alice)) == "陈*远"
    assert wallet_label(shop) == "South City Books"


def test_the_success_page_opens_the_wallet_and_says_what_it_may(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    client.cookies["wallet-language"] = "en"

    html = client.get("/opened/").content.decode()

    assert_page_is_clean(html)
    assert "Your wallet is open" in html and "/top-up/" in html and "two-factor" in html
    assert client.get("/opened/").status_code == 200
    assert Wallet.objects.filter(owner=alice).count() == 1
    assert client.post("/opened/").status_code == 405


def test_nobody_opens_a_wallet_without_signing_in(client: Client) -> None:
    assert client.get("/opened/").status_code == 302
    assert not Wallet.objects.exists()
