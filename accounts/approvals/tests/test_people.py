"""Two accounts are not always two people, and a maker may be gone before the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.approvals import errors, services
from accounts.approvals.models import Proposal
from accounts.approvals.states import ProposalState
from accounts.approvals.tests.test_approvals import known_kind, lead, propose, times_done
from accounts.security.devices import have_shared_device
from accounts.security.models import KnownDevice, SecurityEvent, UserSession
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User

__all__ = ["known_kind", "lead"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody_has_a_browser(settings: Any) -> None:
    settings.DEVICES = {**settings.DEVICES, "shared_seconds": 86_400}


def approve(proposal: Proposal, checker: User) -> Proposal:
    return services.approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest)


@pytest.mark.parametrize("how", ["dismissed", "no longer staff", "in another role"])
def test_what_somebody_left_behind_is_not_carried_out_but_can_be_rejected(
    olivia: User, lead: User, how: str
) -> None:
    proposal = propose(olivia)
    if how == "in another role":
        olivia.groups.clear()
    else:
        field = "is_active" if how == "dismissed" else "is_staff"
        User.objects.filter(pk=olivia.pk).update(**{field: False})
    with pytest.raises(errors.MakerGone):
        approve(proposal, lead)
    assert times_done() == 0
    assert Proposal.objects.get().state == ProposalState.OPEN
    services.reject(
        proposal_id=proposal.pk, checker=lead, digest=proposal.digest, reason="she left"
    )


def test_who_comes_back_into_the_role_may_have_it_approved(olivia: User, lead: User) -> None:
    proposal = propose(olivia)
    User.objects.filter(pk=olivia.pk).update(is_active=False)
    with pytest.raises(errors.MakerGone):
        approve(proposal, lead)
    User.objects.filter(pk=olivia.pk).update(is_active=True)
    approve(proposal, lead)
    assert times_done() == 1


def test_maker_and_checker_in_one_browser_are_refused_and_it_is_written_down(
    olivia: User, lead: User, alice: User
) -> None:
    one = Client()
    for person in (olivia, lead):
        sign_in_staff(one, person)
        one.get("/admin/approvals/")
    assert have_shared_device(olivia, lead)
    proposal = propose(olivia, alice)
    page = f"/admin/approvals/{proposal.public_id}/decide/"
    UserSession.objects.filter(ended_at=None).update(proved_at=timezone.now())
    sent = {"digest": proposal.digest, "decision": "approve"}
    assert one.post(page, sent).status_code == 422
    assert times_done() == 0
    noted = SecurityEvent.objects.get(kind="staff.same_browser")
    assert (noted.user, noted.actor) == (olivia, lead)
    # Forgetting the device hides nothing.
    KnownDevice.objects.filter(user=olivia).update(forgotten_at=timezone.now())
    assert one.post(page, sent).status_code == 422
    long_ago = timezone.now() - timedelta(days=2)
    KnownDevice.objects.filter(user=olivia).update(last_seen_at=long_ago)
    assert one.post(page, sent).status_code == 302
    assert times_done() == 1


def test_a_customer_who_is_one_of_the_two_is_noticed(
    olivia: User, lead: User, alice: User, bob: User
) -> None:
    for person in (olivia, alice):
        KnownDevice.objects.create(user=person, token_hash="a" * 64)
    with pytest.raises(errors.SameBrowser):
        propose(olivia, alice)
    for person in (lead, bob):
        KnownDevice.objects.create(user=person, token_hash="b" * 64)
    proposal = propose(olivia, bob)
    with pytest.raises(errors.SameBrowser):
        approve(proposal, lead)
    told = SecurityEvent.objects.filter(kind="staff.same_browser").order_by("pk")
    assert [(each.user, each.actor) for each in told] == [(alice, olivia), (bob, lead)]
    assert times_done() == 0


def test_people_with_browsers_of_their_own_are_two(olivia: User, lead: User, alice: User) -> None:
    for person, mark in ((olivia, "a"), (lead, "b"), (alice, "c")):
        KnownDevice.objects.create(user=person, token_hash=mark * 64)
    approve(propose(olivia, alice), lead)
    assert times_done() == 1
