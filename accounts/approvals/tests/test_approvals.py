"""Maker and checker: two people, once, about exactly what was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.utils import timezone

from accounts.approvals import errors, kinds, services
from accounts.approvals.models import Proposal, ProposalDecision
from accounts.approvals.states import ProposalState
from accounts.security.errors import Refusal
from accounts.security.models import SecurityEvent, UserSession
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from tests.cast import make_staff
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db


def _carry_out(proposal: Proposal) -> None:
    if proposal.facts.get("fails"):
        raise Refusal("not now", code="test.refused")
    # A trace in the database: what was rolled back leaves none.
    SecurityEvent.objects.create(user=proposal.subject, kind="test.done", details={})


KIND = kinds.ProposalKind(
    name="test.kind",
    title="Do it",
    may_make="accounts.propose_support",
    may_check="accounts.decide_support",
    describe=lambda proposal: [("Which", str(proposal.facts.get("which", "-")))],
    carry_out=_carry_out,
)


@pytest.fixture(autouse=True)
def known_kind() -> Iterator[None]:
    kinds.register(KIND)
    yield
    kinds._KINDS.pop(KIND.name)


@pytest.fixture
def lead(db: None) -> User:
    return make_staff("Support lead", phone="+8613600137799")


def propose(maker: User, subject: User | None = None, **facts: str | bool) -> Proposal:
    return services.propose(
        kind="test.kind", subject=subject, maker=maker, reason="asked at the desk", facts=facts
    )


def times_done() -> int:
    return SecurityEvent.objects.filter(kind="test.done").count()


def test_one_proposes_another_one_decides(olivia: User, lead: User, alice: User) -> None:
    proposal = propose(olivia, alice, which="this")
    assert times_done() == 0
    services.approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.checker) == (ProposalState.APPROVED, lead)
    assert times_done() == 1
    steps = list(ProposalDecision.objects.filter(proposal=proposal).values_list("state", "by"))
    assert steps == [("open", olivia.pk), ("approved", lead.pk)]
    told = SecurityEvent.objects.filter(user=alice, kind__startswith="approval.")
    assert sorted(told.values_list("kind", "actor")) == [
        ("approval.approved", lead.pk),
        ("approval.proposed", olivia.pk),
    ]


def test_nobody_is_their_own_second_person(lead: User) -> None:
    proposal = propose(lead)
    for decide in (services.approve, services.reject):
        more = {"reason": "no"} if decide is services.reject else {}
        with pytest.raises(errors.MakerIsChecker):
            decide(proposal_id=proposal.pk, checker=lead, digest=proposal.digest, **more)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(checker=lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(state=ProposalState.APPROVED)
    assert times_done() == 0


def test_roles_and_ones_own_record_are_looked_at(olivia: User, lead: User, alice: User) -> None:
    proposal = propose(olivia, alice)
    other = make_staff("Support")
    with pytest.raises(errors.NotAllowed):
        services.approve(proposal_id=proposal.pk, checker=other, digest=proposal.digest)
    with pytest.raises(errors.NotAllowed):
        propose(make_staff("Auditor"), alice)
    with pytest.raises(errors.AboutOneself):
        propose(olivia, olivia)
    about_lead = propose(olivia, lead)
    with pytest.raises(errors.AboutOneself):
        services.approve(proposal_id=about_lead.pk, checker=lead, digest=about_lead.digest)
    with pytest.raises(errors.NotAllowed):
        services.withdraw(proposal_id=proposal.pk, by=other)
    assert times_done() == 0


def test_what_is_decided_is_what_was_read(olivia: User, lead: User) -> None:
    proposal = propose(olivia, which="this")
    with pytest.raises(errors.Changed):
        services.approve(proposal_id=proposal.pk, checker=lead, digest="0" * 64)
    Proposal.objects.filter(pk=proposal.pk).update(facts={"which": "another"})
    with pytest.raises(errors.Changed):
        services.approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    assert times_done() == 0


def test_rejected_withdrawn_and_late_are_over(olivia: User, lead: User) -> None:
    rejected, withdrawn, late = propose(olivia), propose(olivia), propose(olivia)
    digest = rejected.digest
    services.reject(proposal_id=rejected.pk, checker=lead, digest=digest, reason="no ground")
    services.withdraw(proposal_id=withdrawn.pk, by=olivia)
    Proposal.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    for proposal in (rejected, withdrawn, late):
        with pytest.raises(errors.NotOpen):
            services.approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    assert services.expire_proposals() == 1
    assert services.expire_proposals() == 0
    late.refresh_from_db()
    assert late.state == ProposalState.EXPIRED
    assert times_done() == 0


@pytest.mark.django_db(transaction=True)
def test_a_refusal_while_carrying_out_leaves_it_open(olivia: User, lead: User) -> None:
    proposal = propose(olivia, fails=True)
    with pytest.raises(Refusal):
        services.approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.OPEN
    assert proposal.decisions.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_approvals_at_once_carry_it_out_once(olivia: User, lead: User) -> None:
    proposal = propose(olivia)
    results = all_at_once(
        10,
        lambda _number: services.approve(
            proposal_id=proposal.pk, checker=lead, digest=proposal.digest
        ),
    )
    assert codes_of(results) == {"": 1, "approval.not_open": 9}
    assert times_done() == 1


def test_decisions_are_kept_as_they_were_made(olivia: User) -> None:
    decision = propose(olivia).decisions.get()
    for spoil in (
        lambda: ProposalDecision.objects.filter(pk=decision.pk).update(reason="other"),
        decision.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            spoil()


def test_the_pages_ask_for_fresh_proof_and_show_what_would_happen(
    olivia: User, lead: User, alice: User, client: Client
) -> None:
    proposal = propose(olivia, alice, which="this one")
    page = f"/admin/approvals/{proposal.public_id}/"
    sign_in_staff(client, lead)
    assert "Do it" in client.get("/admin/approvals/").content.decode()
    html = client.get(page).content.decode()
    assert "this one" in html
    assert "陈思远" not in html
    form = {"digest": proposal.digest, "decision": "approve", "reason": ""}
    answer = client.post(f"{page}decide/", form)
    assert answer["Location"].startswith("/step-up/")
    assert times_done() == 0
    UserSession.objects.filter(ended_at=None).update(proved_at=timezone.now())
    assert client.post(f"{page}decide/", {**form, "decision": "reject"}).status_code == 422
    assert client.post(f"{page}decide/", form).status_code == 302
    assert times_done() == 1
    assert client.post(f"{page}decide/", form).status_code == 422
    assert times_done() == 1


def test_who_takes_no_part_sees_nothing(
    olivia: User, lead: User, alice: User, client: Client
) -> None:
    proposal = propose(olivia, alice)
    page = f"/admin/approvals/{proposal.public_id}/"
    assert client.get(page).status_code == 302
    client.force_login(alice)
    assert client.get(page).status_code == 404
    other = Client()
    sign_in_staff(other, make_staff("Support", phone="+8613600137701"))
    assert other.get(page).status_code == 404
    auditor = Client()
    sign_in_staff(auditor, make_staff("Auditor", phone="+8613600137702"))
    assert auditor.get("/admin/approvals/").status_code == 403


def test_two_kinds_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"test\.kind"):
        kinds.register(replace(KIND, title="Another"))


def test_both_rights_in_one_hand_are_not_two_people(olivia: User) -> None:
    olivia.user_permissions.add(Permission.objects.get(codename="decide_support"))
    both = User.objects.get(pk=olivia.pk)
    proposal = propose(both)
    with pytest.raises(errors.MakerIsChecker):
        services.approve(proposal_id=proposal.pk, checker=both, digest=proposal.digest)
