"""From an empty installation to two people who can approve, by the commands of the handbook."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.approvals.models import Proposal
from accounts.approvals.services import approve
from accounts.signin.tests.doors import app_code, try_password
from accounts.support.roles import ADMINISTRATOR, ROLES
from accounts.users.models import User
from payments.adjustments.proposals import propose_adjustment
from payments.wallets.selectors import wallet_balance
from tests.cast import prove_the_books, wallet_with

pytestmark = pytest.mark.django_db
PASSWORD = "a quiet river 2799"


@pytest.fixture(autouse=True)
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.management.commands.add_staff.getpass", lambda *_: PASSWORD)


def add(phone: str, role: str) -> User:
    call_command("add_staff", phone, "--role", role, stdout=StringIO())
    return User.objects.get(phone=phone)


def enrol(phone: str) -> str:
    """The key that the command prints once."""
    out = StringIO()
    call_command("enrol_staff", phone, stdout=out)
    found = re.search(r"^Key: (\w+)$", out.getvalue(), re.MULTILINE)
    assert found is not None
    return found[1]


def walk_in(user: User, key: str) -> Client:
    """Through the one door, with password and app."""
    browser = Client()
    assert try_password(browser, user, PASSWORD)["Location"] == "/sign-in/verify/"
    assert browser.post("/sign-in/verify/", {"code": app_code(key)}).status_code == 302
    return browser


def test_every_role_can_be_given_by_the_command() -> None:
    for number, role in enumerate(ROLES):
        user = add(f"+861360013771{number}", role)
        assert [group.name for group in user.groups.all()] == [role]
        assert (user.is_staff, user.is_superuser) == (True, False)
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)
    with pytest.raises(CommandError):
        add("+8613600137719", "King")


def test_a_customers_number_is_no_way_to_become_staff(alice: User) -> None:
    with pytest.raises(CommandError):
        add(str(alice.phone), "Support")
    assert not User.objects.get(pk=alice.pk).is_staff


def test_two_administrators_give_roles_and_two_others_move_money(alice: User) -> None:
    first, second = (add(f"+861360013772{n}", ADMINISTRATOR) for n in (0, 1))
    assert first.is_superuser and not first.groups.exists()
    browser = walk_in(first, enrol(str(first.phone)))
    assert browser.get("/admin/accounts/user/").status_code == 200
    assert walk_in(second, enrol(str(second.phone))).get("/admin/approvals/").status_code == 200
    maker = add("+8613600137723", "Operations")
    checker = add("+8613600137724", "Operations checker")
    for person in (maker, checker):
        page = walk_in(person, enrol(str(person.phone))).get("/admin/approvals/")
        assert page.status_code == 200
    wallet = wallet_with(alice, "10.00")
    proposal: Any = propose_adjustment(
        wallet=wallet, amount_minor=5_00, maker=maker, reason="case C-1"
    )
    approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest)
    assert Proposal.objects.get().state == "approved"
    assert wallet_balance(wallet).available_minor == 15_00
    prove_the_books()


def test_the_handbook_shows_commands_that_work() -> None:
    text = (settings.BASE_DIR / "docs" / "how-to" / "staff-and-roles.md").read_text("utf-8")
    shown = re.findall(
        r"^python manage.py add_staff (\S+) --role \"?([^\"\n#]+?)\"?\s*(?:#|$)", text, re.M
    )
    assert {role for _phone, role in shown} >= {ADMINISTRATOR, "Support lead", "Operations checker"}
    for phone, role in shown:
        add(phone, role)
        enrol(phone)
