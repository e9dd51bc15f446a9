"""Staff see payments and wallets, masked; not even the administrator changes one."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import Error, transaction
from django.test import RequestFactory

from accounts.security.looking import begin_look
from accounts.users.models import User
from payments.processing.models import Payment, PaymentStatusChange
from payments.processing.tests.people import compose, confirm
from payments.wallets.models import LimitUsage, Wallet
from tests.cast import wallet_with

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Payment, Wallet, LimitUsage])
def test_not_even_the_administrator_may_change_it(model: type, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = User.objects.create_superuser("+8613800000001", "a quiet river 27")
    # As django-otp's middleware leaves the user of a session with a second factor.
    request.user.is_verified = lambda: True  # type: ignore[attr-defined]
    page = admin.site._registry[model]

    assert page.has_view_permission(request)
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)


def test_lists_and_pages_show_masked_sides_only(rf: RequestFactory, alice: User, bob: User) -> None:
    wallet_with(alice, "10.00")
    wallet = wallet_with(bob)
    payment = confirm(compose(alice, bob, "5.00"))
    request = rf.get("/")
    request.user = User.objects.create_superuser("+8613800000001", "a quiet river 27")
    # As django-otp's middleware leaves the user of a session with a second factor.
    request.user.is_verified = lambda: True  # type: ignore[attr-defined]

    begin_look(agent=request.user, customers=[alice, bob], reason="a test of masks")

    def html_of(answer: Any) -> str:
        return str(answer.render().content.decode())

    for model, row in ((Payment, payment), (Wallet, wallet)):
        page = admin.site._registry[model]
        listed = html_of(page.changelist_view(request))
        shown = html_of(page.change_view(request, str(row.pk)))
        for html in (listed, shown):
            assert "林晓" not in html
            assert wallet.number not in html
            assert "13900134412" not in html
        if model is Payment:
            assert "confirmed by payer" in shown


def test_the_database_refuses_to_change_or_delete_a_step(alice: User, bob: User) -> None:
    wallet_with(alice, "10.00")
    wallet_with(bob)
    compose(alice, bob, "5.00")

    with pytest.raises(Error), transaction.atomic():
        PaymentStatusChange.objects.update(reason="never")
    with pytest.raises(Error), transaction.atomic():
        PaymentStatusChange.objects.all().delete()
    assert PaymentStatusChange.objects.count() == 1
