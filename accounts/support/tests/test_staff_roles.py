"""Rights of staff: taken away by one at once, given by two, never without fresh proof or unseen."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, PermissionsMixin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.approvals.errors import AboutOneself, MakerIsChecker, NotAllowed
from accounts.approvals.models import Proposal
from accounts.approvals.services import approve, propose
from accounts.security.models import SecurityEvent, UserSession
from accounts.signin.tests.doors import sign_in_staff
from accounts.support.staff_roles import change_staff
from accounts.users.models import NOT_FOR_ADMINISTRATORS, User
from tests.cast import LOGIN_PASSWORD, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("+8613600130011", LOGIN_PASSWORD)


@pytest.fixture
def other_boss(db: None) -> User:
    return User.objects.create_superuser("+8613600130012", LOGIN_PASSWORD)


def roles_of(user: User) -> set[str]:
    return set(User.objects.get(pk=user.pk).groups.values_list("name", flat=True))


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def sent(*roles: str, **more: str) -> dict[str, object]:
    ids = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
    return {"is_active": "on", "groups": ids, "reason": "moves to another desk", **more}


def fresh() -> None:
    UserSession.objects.filter(ended_at=None).update(proved_at=timezone.now())


def test_no_right_changes_without_fresh_proof(client: Client, boss: User) -> None:
    staff = make_staff("Support")
    sign_in_staff(client, boss)
    for answer in (client.get(page_of(staff)), client.post(page_of(staff), sent())):
        assert answer["Location"].startswith("/step-up/")
    assert roles_of(staff) == {"Support"}
    assert not Proposal.objects.exists()


def test_one_takes_away_at_once_and_two_give(client: Client, boss: User, other_boss: User) -> None:
    staff = make_staff("Support")
    sign_in_staff(client, boss)
    client.get("/admin/")
    fresh()
    assert client.post(page_of(staff), {**sent("Auditor"), "reason": ""}).status_code == 422
    answer = client.post(page_of(staff), sent("Auditor"))
    assert answer["Location"].startswith("/admin/approvals/")
    assert roles_of(staff) == set()
    proposal = Proposal.objects.get()
    with pytest.raises(MakerIsChecker):
        approve(proposal_id=proposal.pk, checker=boss, digest=proposal.digest)
    with pytest.raises(NotAllowed):
        lead = make_staff("Support lead")
        approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    second = Client()
    sign_in_staff(second, other_boss)
    html = second.get(answer["Location"], headers={"accept-language": "en"}).content.decode()
    assert "Auditor" in html and "Member of staff" in html and "Customer" not in html
    fresh()
    decided = {"digest": proposal.digest, "decision": "approve"}
    second.post(f"{answer['Location']}decide/", decided)
    assert roles_of(staff) == {"Auditor"}
    told = SecurityEvent.objects.filter(user=staff, kind__startswith="staff.role")
    assert list(told.order_by("pk").values_list("kind", "actor")) == [
        ("staff.role_taken", boss.pk),
        ("staff.role_given", other_boss.pk),
    ]


def test_shutting_out_works_at_once_and_letting_in_takes_two(
    client: Client, boss: User, other_boss: User
) -> None:
    staff = make_staff("Support")
    theirs = Client()
    sign_in_staff(theirs, staff)
    assert theirs.get("/admin/desk/").status_code == 200
    sign_in_staff(client, boss)
    client.get("/admin/")
    fresh()
    client.post(page_of(staff), {**sent("Support"), "is_active": ""})
    assert not User.objects.get(pk=staff.pk).is_active
    assert theirs.get("/admin/desk/").status_code == 302
    assert not UserSession.objects.filter(user=staff, ended_at=None).exists()
    client.post(page_of(staff), sent("Support"))
    assert not User.objects.get(pk=staff.pk).is_active
    proposal = Proposal.objects.get()
    approve(proposal_id=proposal.pk, checker=other_boss, digest=proposal.digest)
    assert User.objects.get(pk=staff.pk).is_active
    kinds = SecurityEvent.objects.filter(user=staff, kind__in=["staff.enabled", "staff.disabled"])
    assert list(kinds.order_by("pk").values_list("kind", flat=True)) == [
        "staff.disabled",
        "staff.enabled",
    ]


def test_nobody_gives_rights_to_themselves_nor_decides_about_them(
    client: Client, boss: User, other_boss: User
) -> None:
    with pytest.raises(AboutOneself):
        change_staff(staff=boss, roles=["Auditor"], is_active=True, by=boss, reason="I need it")
    with pytest.raises(NotAllowed):
        agent = make_staff("Support")
        change_staff(staff=boss, roles=["Auditor"], is_active=True, by=agent, reason="for him")
    proposal = change_staff(
        staff=other_boss, roles=["Auditor"], is_active=True, by=boss, reason="for her"
    )
    assert proposal is not None
    with pytest.raises(AboutOneself):
        approve(proposal_id=proposal.pk, checker=other_boss, digest=proposal.digest)
    sign_in_staff(client, boss)
    client.get("/admin/")
    fresh()
    client.post(page_of(boss), sent("Auditor"))
    assert roles_of(boss) == set()
    assert Proposal.objects.count() == 1


def test_who_gives_roles_works_at_no_desk_and_moves_no_money(
    client: Client, boss: User, alice: User
) -> None:
    sign_in_staff(client, boss)
    for path in ("/admin/desk/", "/admin/desk/cases/", "/staff/adjustments/new/"):
        assert client.get(path).status_code == 403, path
    everything = set(PermissionsMixin.get_all_permissions(boss))
    assert everything >= NOT_FOR_ADMINISTRATORS
    assert not any(boss.has_perm(right) for right in NOT_FOR_ADMINISTRATORS)
    assert boss.has_perm("accounts.change_user") and boss.has_perm("payments.view_payment")
    # In no role, either: roles and giving them are two people's.
    boss.groups.add(*Group.objects.all())
    assert not User.objects.get(pk=boss.pk).has_perm("accounts.decide_money")
    maker = make_staff("Support")
    proposal = propose_phone_of(maker, alice)
    with pytest.raises(NotAllowed):
        approve(proposal_id=proposal.pk, checker=boss, digest=proposal.digest)


def propose_phone_of(maker: User, customer: User) -> Proposal:
    return propose(
        kind="support.change_phone", subject=customer, maker=maker, reason="asked", facts={}
    )


def test_what_a_role_may_do_is_read_and_changed_by_nobody(client: Client, boss: User) -> None:
    make_staff("Support")
    role = Group.objects.get(name="Support")
    before = set(role.permissions.values_list("codename", flat=True))
    sign_in_staff(client, boss)
    client.get("/admin/")
    fresh()
    page = reverse("admin:auth_group_change", args=[role.pk])
    html = client.get(page).content.decode()
    assert "Can use the support desk" in html and "<select" not in html
    extra = Permission.objects.get(codename="decide_support").pk
    assert client.post(page, {"name": "Support", "permissions": [extra]}).status_code == 403
    assert client.post(reverse("admin:auth_group_add"), {"name": "More"}).status_code == 403
    assert set(role.permissions.values_list("codename", flat=True)) == before
