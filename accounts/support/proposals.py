"""What support needs a second person for: it gives somebody the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.approvals.kinds import Line, ProposalKind, register
from accounts.approvals.selectors import find_open_proposal
from accounts.approvals.services import propose
from accounts.caution.services import begin_caution
from accounts.factors.removing import switch_off
from accounts.phone_change.services import change_phone_by_support
from accounts.security.services import end_sessions
from accounts.support import errors
from accounts.support.models import SupportAction, SupportVisit
from accounts.support.selectors import state_of_check
from accounts.support.unlocking import LOCKS, lift
from accounts.users.models import User
from accounts.users.numbers import masked_phone
from accounts.users.services import lock_person

if TYPE_CHECKING:
    from accounts.approvals.models import Proposal
    from accounts.support.models import CallerCheck

FACTOR, PHONE, LOCK = "support.remove_factor", "support.change_phone", "support.end_lock"


def list_open(customer: User) -> list[Proposal]:
    """What support has proposed for this customer and a second person has not decided yet."""
    found = [find_open_proposal(kind=kind, subject=customer) for kind in (LOCK, FACTOR, PHONE)]
    return [proposal for proposal in found if proposal is not None]


_EVIDENCE: dict[str, str | Promise] = {
    "by_screen": _("a code off their own screen"),
    "by_message": _("a code from a text message"),
    "by_id": _("the end of the ID number"),
    "by_document": _("the ID document, at the counter"),
}


def propose_removal(*, visit: SupportVisit, check: CallerCheck, reason: str) -> Proposal:
    """Propose that the caller's second factor is taken away. Joins the caller's transaction, with
    the check under its lock. Raises `CallerNotChecked`, and what `propose` raises."""
    return _propose(visit, check, kind=FACTOR, reason=reason, facts={})


def propose_phone(*, visit: SupportVisit, check: CallerCheck, phone: str, reason: str) -> Proposal:
    """Propose another phone number (E.164) for the caller; kept encrypted until it is decided."""
    return _propose(visit, check, kind=PHONE, reason=reason, facts={}, phone=phone)


def propose_end_of_lock(
    *, visit: SupportVisit, check: CallerCheck, which: str, reason: str
) -> Proposal:
    """Propose that a lock of a wallet of high value is ended. Raises as `propose_removal`."""
    return _propose(visit, check, kind=LOCK, reason=reason, facts={"which": which})


def register_all() -> None:
    """Called when Django starts."""
    for name, title, describe, carry_out in (
        (FACTOR, _("Take a customer's second factor away"), _describe, _remove_factor),
        (PHONE, _("Give a customer another phone number"), _describe_phone, _change_phone),
        (LOCK, _("End a lock of a high-value wallet"), _describe_lock, _end_lock),
    ):
        register(
            ProposalKind(
                name=name,
                title=title,
                may_make="accounts.propose_support",
                may_check="accounts.decide_support",
                describe=describe,
                carry_out=carry_out,
                open_seconds=4 * 3600,
            )
        )


def _propose(
    visit: SupportVisit,
    check: CallerCheck,
    *,
    kind: str,
    reason: str,
    facts: dict[str, str],
    phone: str = "",
) -> Proposal:
    state = state_of_check(visit, check)
    if not (state.is_passed if kind == LOCK else state.may_hand_over):
        raise errors.CallerNotChecked
    # Two agents at two visits make one proposal as well.
    lock_person(visit.customer.pk)
    if find_open_proposal(kind=kind, subject=visit.customer) is not None:
        raise errors.AlreadyProposed
    proposal = propose(
        kind=kind,
        subject=visit.customer,
        maker=visit.agent,
        reason=reason,
        phone=phone,
        facts={
            **facts,
            "visit": str(visit.public_id),
            "points": state.points,
            "by_screen": state.is_shown_matched,
            "by_message": state.is_code_matched,
            "by_id": state.is_id_matched,
            "by_document": state.has_document,
            "answers_right": state.answers_counted,
            "answers_wrong": state.answers_wrong,
        },
    )
    SupportAction.objects.create(visit=visit, action=SupportAction.Action.PROPOSED, reason=reason)
    return proposal


def _describe(proposal: Proposal) -> list[Line]:
    facts = proposal.facts
    shown = [str(title) for name, title in _EVIDENCE.items() if facts.get(name)]
    answers = {"right": facts.get("answers_right", 0), "wrong": facts.get("answers_wrong", 0)}
    return [
        (_("Points of the caller's check"), str(facts["points"])),
        (_("What the caller showed"), " · ".join(shown) or "–"),
        (
            _("Questions from the records"),
            str(_("%(right)s right, %(wrong)s wrong") % answers),
        ),
    ]


def _describe_phone(proposal: Proposal) -> list[Line]:
    try:
        # Once it is decided the number is not kept here.
        new = masked_phone(proposal.phone) if proposal.phone else "–"
    except InvalidToken:
        # Its key was dropped meanwhile: nobody can approve it, and it is proposed again.
        new = str(_("cannot be read any more"))
    return [*_describe(proposal), (_("New phone number"), new)]


def _describe_lock(proposal: Proposal) -> list[Line]:
    lock = LOCKS[str(proposal.facts["which"])]
    return [*_describe(proposal), (_("What would be done"), lock.title)]


def _end_lock(proposal: Proposal) -> None:
    assert proposal.subject is not None
    assert proposal.checker is not None
    lift(
        which=str(proposal.facts["which"]),
        customer=proposal.subject,
        by=proposal.checker,
        reason=proposal.reason,
    )


def _remove_factor(proposal: Proposal) -> None:
    assert proposal.subject is not None
    assert proposal.checker is not None
    switch_off(user=proposal.subject, actor=proposal.checker)
    end_sessions(user=proposal.subject, why="support_helped")
    begin_caution(user=proposal.subject, why="support_helped")


def _change_phone(proposal: Proposal) -> None:
    assert proposal.subject is not None
    assert proposal.checker is not None
    change_phone_by_support(
        user=proposal.subject,
        phone=proposal.phone,
        actor=proposal.checker,
    )
    begin_caution(user=proposal.subject, why="support_helped")
