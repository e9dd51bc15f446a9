"""Who among the staff may open which page of the admin."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.security.models import UserSession
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, make_staff

pytestmark = pytest.mark.django_db

MODELS = sorted(model._meta.label_lower for model in admin.site._registry)
SEES = {
    "Operations": lambda label: (
        label.split(".")[0] in {"payments", "ledger"} or label.startswith("accounts.sms")
    ),
    "Support": lambda label: False,
    "Auditor": lambda label: label not in {"accounts.user", "auth.group"},
}


def list_page(label: str) -> str:
    app, model = label.split(".")
    return reverse(f"admin:{app}_{model}_changelist")


@pytest.mark.parametrize("role", SEES)
def test_a_role_sees_its_lists_and_no_other(client: Client, role: str) -> None:
    sign_in_staff(client, make_staff(role))
    for label in MODELS:
        expected = 200 if SEES[role](label) else 403
        assert client.get(list_page(label)).status_code == expected, label


@pytest.mark.parametrize("role", [*SEES, "administrator"])
def test_nobody_adds_changes_or_deletes_records(client: Client, role: str) -> None:
    if role == "administrator":
        user = User.objects.create_superuser("+8613600130001", LOGIN_PASSWORD)
    else:
        user = make_staff(role)
    sign_in_staff(client, user)
    for label in MODELS:
        app, model = label.split(".")
        try:
            add = reverse(f"admin:{app}_{model}_add")
        except NoReverseMatch:
            continue
        assert client.get(add).status_code == 403, label
        assert client.post(add, {}).status_code == 403, label
        delete = client.post(list_page(label), {"action": "delete_selected", "_selected_action": 1})
        assert delete.status_code in {302, 403, 200}
        assert b"delete_selected" not in client.get(list_page(label)).content


@pytest.mark.parametrize(
    ("role", "status"), [("Support", 200), ("Operations", 403), ("Auditor", 403)]
)
def test_the_desk_is_for_support(client: Client, role: str, status: int) -> None:
    sign_in_staff(client, make_staff(role))
    assert client.get("/admin/desk/").status_code == status


@pytest.mark.parametrize("path", ["/admin/", "/admin/desk/", "/admin/accounts/securityevent/"])
def test_a_password_alone_opens_no_staff_page(client: Client, path: str) -> None:
    client.force_login(make_staff("Auditor"))
    answer = client.get(path)
    assert answer.status_code in {302, 403}
    assert b"securityevent" not in answer.content


@pytest.mark.parametrize("path", ["/admin/", "/admin/desk/", "/admin/login/"])
def test_a_stranger_is_sent_to_the_one_door(client: Client, path: str) -> None:
    answer = client.get(path, follow=True)
    assert unquote(answer.redirect_chain[-1][0]).startswith("/sign-in/?next=/admin/")


def test_a_customer_is_no_staff(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get("/admin/desk/").status_code in {302, 404}
    assert client.get("/admin/").status_code in {302, 404}


def test_customers_are_not_among_the_staff_users(client: Client, alice: User) -> None:
    administrator = User.objects.create_superuser("+8613600130002", LOGIN_PASSWORD)
    sign_in_staff(client, administrator)
    page = reverse("admin:accounts_user_change", args=[alice.pk])
    assert client.get(page).status_code == 302
    html = client.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert str(alice.phone) not in html


def test_an_administrator_changes_a_colleagues_role_and_nothing_secret(client: Client) -> None:
    administrator = User.objects.create_superuser("+8613600130003", LOGIN_PASSWORD)
    colleague = make_staff("Support")
    sign_in_staff(client, administrator)
    page = reverse("admin:accounts_user_change", args=[colleague.pk])
    client.get("/admin/")
    UserSession.objects.filter(ended_at=None).update(proved_at=timezone.now())
    html = client.get(page).content.decode()
    assert "argon2" not in html
    assert 'name="password"' not in html
    sent = {"groups": [], "is_superuser": "on", "password": "x", "reason": "leaves the bank"}
    assert client.post(page, sent).status_code == 302
    colleague.refresh_from_db()
    assert not colleague.is_active
    assert not colleague.is_superuser
    assert colleague.check_password(LOGIN_PASSWORD)
