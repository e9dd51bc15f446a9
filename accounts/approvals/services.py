"""Proposing, deciding, withdrawing. What takes two people is done here and nowhere else.

Source: OWASP ASVS 5.0 V2.3.5 (high-value acts need a second person); specs/security, row 40.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone

from accounts.approvals.errors import AboutOneself, Changed, MakerIsChecker, NotAllowed, NotOpen
from accounts.approvals.kinds import get_proposal_kind
from accounts.approvals.models import Proposal, ProposalDecision
from accounts.approvals.people import require_apart, require_maker
from accounts.approvals.states import ProposalState
from accounts.identity.vault import decrypt, encrypt
from accounts.security.retries import in_one_transaction
from accounts.security.services import record_event
from accounts.security.sweeping import do_each, each_due
from accounts.users.models import User

Fact = str | int | bool | None


def propose(
    *,
    kind: str,
    subject: User | None,
    maker: User,
    reason: str,
    facts: Mapping[str, Fact],
    phone: str = "",
) -> Proposal:
    """Write down what should be done, for a second person to decide. Nothing happens yet.

    `subject` is the person whom it is about. Raises `NotAllowed`, `AboutOneself` for a maker who
    is the subject, and `SameBrowser`. `phone` (E.164) is what of the facts nobody may read in the
    database.
    """
    wanted = get_proposal_kind(kind)
    if not maker.has_perm(wanted.may_make):
        raise NotAllowed
    if subject is not None and subject.pk == maker.pk:
        raise AboutOneself
    require_apart(maker, subject)
    now = timezone.now()
    proposal = Proposal(
        kind=kind,
        subject=subject,
        facts=dict(facts),
        phone_encrypted=encrypt(f"{phone} {secrets.token_hex(16)}") if phone else "",
        reason=reason[:200],
        maker=maker,
        created_at=now,
        expires_at=now + timedelta(seconds=wanted.open_seconds),
    )
    proposal.digest = digest_of(proposal)
    with transaction.atomic():
        proposal.save(force_insert=True)
        _note(proposal, ProposalState.OPEN, by=maker, reason=reason)
    return proposal


def approve(*, proposal_id: int, checker: User, digest: str) -> Proposal:
    """Decide for it and carry it out, in one durable transaction: once, however often it is sent.

    `digest` is that of the content that the checker has read. Raises `MakerIsChecker`,
    `AboutOneself`, `NotAllowed`, `MakerGone`, `SameBrowser`, `Changed`, `NotOpen`, and whatever
    Refusal the kind raises: then nothing was done and the proposal stays open.
    """
    read = Proposal.objects.select_related("maker", "subject").get(pk=proposal_id)
    if read.state == ProposalState.OPEN:
        # Before the transaction: what it writes down stays.
        require_apart(checker, read.maker, read.subject)

    def work() -> Proposal:
        proposal = _decide(proposal_id, ProposalState.APPROVED, checker, digest, reason="")
        get_proposal_kind(proposal.kind).carry_out(proposal)
        return proposal

    return in_one_transaction(work)


def reject(*, proposal_id: int, checker: User, digest: str, reason: str) -> Proposal:
    """Decide against it; raises as `approve` does."""
    with transaction.atomic(durable=True):
        return _decide(proposal_id, ProposalState.REJECTED, checker, digest, reason=reason)


def withdraw(*, proposal_id: int, by: User) -> Proposal:
    """The maker thinks better of it. Raises `NotAllowed` for anybody else, and `NotOpen`."""
    with transaction.atomic(durable=True):
        proposal = Proposal.objects.get(pk=proposal_id)
        if proposal.maker_id != by.pk:
            raise NotAllowed
        _take(proposal, ProposalState.WITHDRAWN)
        _note(proposal, ProposalState.WITHDRAWN, by=by, reason="")
    return proposal


def expire_proposals() -> int:
    """Write down that the time of open proposals is over; how many. One that cannot be ended stops
    none behind it."""
    late = Proposal.objects.filter(state=ProposalState.OPEN, expires_at__lte=timezone.now())
    return do_each(each_due(late, by="expires_at"), _expire, what="proposal")


def _expire(pk: int) -> bool:
    with transaction.atomic():
        row = Proposal.objects.filter(pk=pk, state=ProposalState.OPEN)
        over = {"state": ProposalState.EXPIRED, "decided_at": timezone.now()}
        if not row.update(**over, phone_encrypted=""):
            return False
        _note(Proposal.objects.get(pk=pk), ProposalState.EXPIRED, by=None, reason="")
    return True


def digest_of(proposal: Proposal) -> str:
    """64 hex digits over everything that a second person decides about. Raises
    `cryptography.fernet.InvalidToken` when its phone number is under a key that is gone."""
    content: dict[str, object] = {
        "public_id": str(proposal.public_id),
        "kind": proposal.kind,
        "subject": proposal.subject_id,
        "facts": proposal.facts,
        "reason": proposal.reason,
        "maker": proposal.maker_id,
        "created_at": _text_of(proposal.created_at),
    }
    if proposal.phone_encrypted:
        content["phone"] = decrypt(proposal.phone_encrypted)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _text_of(moment: datetime) -> str:
    return moment.astimezone(timezone.get_default_timezone()).isoformat()


def _decide(
    proposal_id: int, state: ProposalState, checker: User, digest: str, *, reason: str
) -> Proposal:
    proposal = Proposal.objects.select_related("subject", "maker").get(pk=proposal_id)
    if proposal.maker_id == checker.pk:
        raise MakerIsChecker
    if proposal.subject_id == checker.pk:
        raise AboutOneself
    if not checker.has_perm(get_proposal_kind(proposal.kind).may_check):
        raise NotAllowed
    if state == ProposalState.APPROVED:
        require_maker(proposal.maker, get_proposal_kind(proposal.kind).may_make)
    if digest != proposal.digest or not _is_as_proposed(proposal):
        raise Changed
    proposal.checker = checker
    _take(proposal, state)
    _note(proposal, state, by=checker, reason=reason)
    return proposal


def _is_as_proposed(proposal: Proposal) -> bool:
    try:
        return digest_of(proposal) == proposal.digest
    except InvalidToken:
        return False


def _take(proposal: Proposal, state: ProposalState) -> None:
    """The row count decides: of many requests at once a single one gets the proposal. A number in
    it is kept no longer than that; who carries it out still holds it in `proposal`."""
    now = timezone.now()
    taken = Proposal.objects.filter(
        pk=proposal.pk, state=ProposalState.OPEN, expires_at__gt=now
    ).update(state=state, checker=proposal.checker, decided_at=now, phone_encrypted="")
    if not taken:
        raise NotOpen
    proposal.state, proposal.decided_at = state, now


def _note(proposal: Proposal, state: ProposalState, *, by: User | None, reason: str) -> None:
    ProposalDecision.objects.create(proposal=proposal, state=state, by=by, reason=reason[:200])
    said = "proposed" if state == ProposalState.OPEN else str(state)
    record_event(
        user=proposal.subject,
        actor=by,
        kind=f"approval.{said}",
        details={"what": proposal.kind, "reason": reason[:200] or proposal.reason},
    )
