"""What every page of the admin refuses, whoever wrote its class."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.security.models import SecurityEvent, UserSession
from accounts.signin.tests.doors import sign_in_staff
from accounts.support.lookups import filter_names
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, make_staff

pytestmark = pytest.mark.django_db
PAGES = sorted(admin.site._registry.items(), key=lambda each: each[0]._meta.label_lower)
NAMES = [model._meta.label_lower for model, _page in PAGES]
# What a halving search or a guess by the beginning needs, and the way to another table.
_PROBES = ("", "__exact", "__gte", "__lt", "__startswith", "__in", "__regex", "__isnull", "__pk")


@pytest.fixture
def administrator(client: Client) -> User:
    user = User.objects.create_superuser("+8613600130005", LOGIN_PASSWORD)
    sign_in_staff(client, user)
    return user


def request_of(user: User) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return request


def paths_from(model: type[Model]) -> set[str]:
    """Every field of the rows, and every field of what hangs on them."""
    found: set[str] = set()
    for field in model._meta.get_fields():
        name = field.name
        found.add(name)
        if field.is_relation and field.related_model is not None:
            other = apps.get_model(field.related_model._meta.label)
            found |= {f"{name}__{each.name}" for each in other._meta.get_fields()}
    return found


@pytest.mark.once
@pytest.mark.parametrize(("model", "page"), PAGES, ids=NAMES)
def test_a_list_is_filtered_by_its_own_filters_and_by_nothing_else(
    model: type[Model], page: Any, administrator: User
) -> None:
    request = request_of(administrator)
    filters = filter_names(page)
    tried = 0
    for path in paths_from(model) - filters:
        for probe in _PROBES:
            name = f"{path}{probe}"
            of_a_filter = any(name.startswith(f"{each}__id__exact") for each in filters)
            if name in filters or of_a_filter or name.split("__")[0] in filters:
                continue
            tried += 1
            assert not page.lookup_allowed(name, "1", request), name
    assert tried > 10
    for name in filters:
        for way in ("__startswith", "__regex", "__in", "__user__password__startswith", "__lte"):
            assert not page.lookup_allowed(f"{name}{way}", "1", request), name + way


@pytest.mark.parametrize(("model", "page"), PAGES, ids=NAMES)
def test_nobody_deletes_and_no_list_offers_it(
    model: type[Model], page: Any, administrator: User
) -> None:
    request = request_of(administrator)
    assert not page.has_delete_permission(request)
    assert not page.has_delete_permission(request, model())
    assert not page.has_add_permission(request)
    assert "delete_selected" not in page.get_actions(request)


def test_rows_that_are_there_are_not_deleted(client: Client, administrator: User) -> None:
    colleague = make_staff("Support")
    UserSession.objects.filter(ended_at=None).update(proved_at=timezone.now())
    rows: list[Model] = [
        colleague,
        Group.objects.get(name="Support"),
        SecurityEvent.objects.latest("pk"),
    ]
    for row in rows:
        label = f"{row._meta.app_label}_{row._meta.model_name}"
        delete = reverse(f"admin:{label}_delete", args=[row.pk])
        listed = reverse(f"admin:{label}_changelist")
        sent = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        assert client.get(delete).status_code == 403
        assert client.post(delete, {"post": "yes"}).status_code == 403
        client.post(listed, sent)
        row.refresh_from_db()


def test_hashes_balances_and_tables_of_other_packages_are_not_to_be_asked_about(
    client: Client, administrator: User
) -> None:
    hers = make_staff("Support").password
    for path in (
        f"/admin/accounts/user/?password__startswith={hers[:30]}",
        f"/admin/accounts/user/?groups__user__password__startswith={hers[:30]}",
        "/admin/accounts/user/?wallet_sessions__address_hint=x",
        "/admin/ledger/ledgeraccount/?credits_posted__gte=1",
        "/admin/ledger/ledgeraccount/?debits_posted=1",
        "/admin/ledger/hold/?debit_account=1",
        "/admin/ledger/journalentry/?postings__credit_account=1",
        "/admin/accounts/smsresult/?attempt__code__phone__startswith=1",
    ):
        answer = client.get(path)
        assert answer.status_code == 400, path
    for name in ("accessattempt", "accesslog", "accessfailurelog"):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:axes_{name}_changelist")


@pytest.mark.parametrize("role", ["Operations", "Auditor", "administrator"])
def test_nothing_is_searched_by_autocompletion(client: Client, role: str) -> None:
    if role == "administrator":
        user = User.objects.create_superuser("+8613600130006", LOGIN_PASSWORD)
    else:
        user = make_staff(role)
    sign_in_staff(client, user)
    asked = {"app_label": "payments", "model_name": "payment", "field_name": "payee_wallet"}
    answer = client.get("/admin/autocomplete/", {**asked, "term": "6"})
    assert answer.status_code == 404


def test_the_filters_beside_a_list_still_work(client: Client, administrator: User) -> None:
    make_staff("Support")
    role = Group.objects.get(name="Support").pk
    for path in (
        f"/admin/accounts/user/?groups__id__exact={role}&is_active__exact=1",
        "/admin/accounts/securityevent/?kind=sign_in.ok&created_at__year=2026",
        "/admin/payments/payment/?state__exact=succeeded&created_at__gte=2026-01-01T00:00:00Z",
        "/admin/payments/paymentcase/?left=all&is_money_at_risk__exact=1",
        "/admin/payments/bankorder/?attention=overdue",
        "/admin/payments/statemententry/?outcome__result__exact=matched",
        "/admin/ledger/ledgeraccount/?kind__exact=liability&is_hot__exact=0",
    ):
        assert client.get(path).status_code == 200, path
