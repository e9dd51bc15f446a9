"""Reading proposals. Who may neither make nor decide a kind does not see its proposals."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.approvals.kinds import get_proposal_kind, list_proposal_kinds
from accounts.approvals.models import Proposal
from accounts.approvals.states import ProposalState
from accounts.users.models import User


def may_take_part(user: User) -> bool:
    """Whether there is a kind of proposal that this member of staff may make or decide."""
    return bool(_kinds_of(user))


def list_proposals_for(user: User) -> QuerySet[Proposal]:
    """What this member of staff may read: their own, and those of kinds they may decide."""
    deciding = [kind.name for kind in list_proposal_kinds() if user.has_perm(kind.may_check)]
    return Proposal.objects.select_related("maker", "checker", "subject").filter(
        Q(kind__in=deciding) | Q(maker=user)
    )


def list_waiting_for(user: User) -> QuerySet[Proposal]:
    """What waits for a decision that this member of staff may take, oldest first."""
    return (
        list_proposals_for(user)
        .filter(state=ProposalState.OPEN, expires_at__gt=timezone.now())
        .exclude(maker=user)
        .order_by("pk")
    )


def get_proposal_for(user: User, public_id: UUID) -> Proposal:
    """One that this member of staff may read. Raises Http404 for any other, as for none."""
    found = list_proposals_for(user).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def find_open_proposal(*, kind: str, subject: User) -> Proposal | None:
    """The newest open proposal of this kind about this customer."""
    return (
        Proposal.objects.filter(
            kind=kind, subject=subject, state=ProposalState.OPEN, expires_at__gt=timezone.now()
        )
        .order_by("-pk")
        .first()
    )


def _kinds_of(user: User) -> list[str]:
    return [
        kind.name
        for kind in list_proposal_kinds()
        if user.has_perm(kind.may_make) or user.has_perm(kind.may_check)
    ]


def may_decide(user: User, proposal: Proposal) -> bool:
    """Whether this member of staff can be the second person of this proposal."""
    kind = get_proposal_kind(proposal.kind)
    return (
        proposal.is_open
        and user.pk not in {proposal.maker_id, proposal.subject_id}
        and user.has_perm(kind.may_check)
    )
