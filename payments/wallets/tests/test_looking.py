"""Staff open a customer's rows in the admin with a reason only, and the customer sees it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.security.looking import CustomerRecordMixin
from accounts.security.models import SecurityEvent, StaffLook
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from ledger.models import JournalEntry, LedgerAccount
from payments.processing.models import Payment
from payments.processing.tests.people import compose, confirm
from payments.wallets.models import Wallet
from tests.cast import make_staff, prove_the_books, wallet_with
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db
REASON = {"look_reason": "asked by the customer"}


@pytest.fixture
def paid(alice: User, bob: User) -> Payment:
    wallet_with(alice, "10.00")
    wallet_with(bob)
    return confirm(compose(alice, bob, "5.00"))


def looks_at(user: User) -> list[dict[str, Any]]:
    events = SecurityEvent.objects.filter(user=user, kind="staff.looked").order_by("pk")
    return [event.details for event in events]


def staff(client: Client, role: str) -> User:
    person = make_staff(role)
    sign_in_staff(client, person)
    return person


@pytest.mark.parametrize("role", ["Operations", "Auditor"])
def test_a_row_opens_after_the_reason_and_both_sides_see_it(
    client: Client, role: str, alice: User, bob: User, paid: Payment
) -> None:
    staff(client, role)
    page = reverse("admin:payments_payment_change", args=[paid.pk])
    for path in (page, reverse("admin:payments_payment_history", args=[paid.pk])):
        html = client.get(path).content.decode()
        assert_page_is_clean(html)
        assert paid.reference not in html and "5.00" not in html
    assert client.post(page, {"look_reason": "abc"}).status_code == 422
    assert not StaffLook.objects.exists() and not looks_at(alice)
    assert client.post(page, REASON)["Location"] == page
    assert paid.reference in client.get(page).content.decode()
    assert client.get(page).status_code == 200
    for person in (alice, bob):
        said = [each["reason"] for each in looks_at(person)]
        assert said == ["asked by the customer"] * 2
    prove_the_books()


def test_a_look_is_of_one_agent_at_one_customer_for_a_while(
    client: Client, alice: User, bob: User, settings: Any
) -> None:
    hers, his = wallet_with(alice), wallet_with(bob)
    staff(client, "Operations")
    page = reverse("admin:payments_wallet_change", args=[hers.pk])
    client.post(page, REASON)
    assert "look_reason" not in client.get(page).content.decode()
    other = reverse("admin:payments_wallet_change", args=[his.pk])
    assert "look_reason" in client.get(other).content.decode()
    colleague = Client()
    staff(colleague, "Operations")
    assert "look_reason" in colleague.get(page).content.decode()
    settings.SUPPORT = {**settings.SUPPORT, "visit_seconds": 0}
    assert "look_reason" in client.get(page).content.decode()
    assert len(looks_at(alice)) == 1


def test_lists_of_one_person_take_the_reason_as_well(
    client: Client, alice: User, paid: Payment
) -> None:
    staff(client, "Operations")
    number = Wallet.objects.get(owner=alice).number
    for model in ("payment", "wallet", "limitusage"):
        path = f"{reverse(f'admin:payments_{model}_changelist')}?q={number}"
        assert "look_reason" in client.get(path).content.decode()
    payments = reverse("admin:payments_payment_changelist")
    for quoted in (f'"{number}"', f"{number} {number}", f"'{number}'", f"{number}%00"):
        html = client.get(f"{payments}?q={quoted}").content.decode()
        assert paid.reference not in html.replace(" ", ""), quoted
    assert client.post(f"{payments}?q={number}", REASON).status_code == 302
    assert "5.00" in client.get(f"{payments}?q={number}").content.decode()
    assert len(looks_at(alice)) == 1
    wallet = Wallet.objects.get(owner=alice).pk
    for named in (f"payer_wallet={wallet}", f"payer_wallet__owner={alice.pk}"):
        assert client.get(f"{payments}?{named}").status_code in {302, 400}


def test_the_books_of_a_customer_are_their_record_too(
    client: Client, alice: User, paid: Payment
) -> None:
    staff(client, "Auditor")
    listed = client.get(reverse("admin:ledger_ledgeraccount_changelist")).content.decode()
    assert "wallet:" in listed and "***" in listed
    assert ">1000<" not in listed and ">500<" not in listed
    account = LedgerAccount.objects.get(pk=Wallet.objects.get(owner=alice).ledger_account_id)
    entry = JournalEntry.objects.get(key=f"payment:{paid.public_id}")
    rows = (("ledgeraccount", account, "500"), ("journalentry", entry, entry.key))
    for name, row, held in rows:
        page = reverse(f"admin:ledger_{name}_change", args=[row.pk])
        html = client.get(page).content.decode()
        assert "look_reason" in html and held not in html
        client.post(page, REASON)
        html = client.get(page).content.decode()
        assert "look_reason" not in html and held in html
    assert len(looks_at(alice)) == 2


def test_every_admin_of_customers_rows_asks(client: Client) -> None:
    """What is not listed here shows nobody's record."""
    nobodys = {
        "accounts.smsalarm", "accounts.smsprovider", "accounts.smsreceipt", "accounts.smsresult",
        "accounts.user", "auth.group", "ledger.hold", "ledger.holdresolution",
        "ledger.journalentry", "ledger.ledgeraccount", "ledger.sealedblock",
        "ledger.verificationrun", "payments.bankfile", "payments.bankstatement",
        "payments.sandboxbankorder",
    }  # fmt: skip
    asks = {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if isinstance(page, CustomerRecordMixin)
    }
    assert asks | nobodys == {model._meta.label_lower for model in admin.site._registry}
    assert not asks & nobodys
