"""On which page a code for a second proof is typed, for whoever looks for it."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from accounts.users.models import User
from payments.proving.models import SecondProof

_PAGES = {
    "payment": "processing:prove",
    "batch": "batch:prove",
    "standing_order": "standing_orders:prove",
    "standing_amount": "standing_orders:prove_amount",
}
# Their address says which amount, too: the plan itself still has the old one.
_NAMES_AMOUNT = frozenset({"standing_amount"})


def proof_page(user: User | None, challenge_id: UUID) -> str | None:
    """The page of a proof that is still open; None for any other."""
    proof = SecondProof.objects.filter(
        user=user, challenge_id=challenge_id, used_at=None, expires_at__gt=timezone.now()
    ).first()
    if proof is None or proof.subject_kind not in _PAGES:
        return None
    at: dict[str, object] = {"public_id": proof.subject_id}
    if proof.subject_kind in _NAMES_AMOUNT:
        # Asked for before amounts were kept: its time is over in minutes.
        if proof.amount_minor is None:
            return None
        at["amount_minor"] = proof.amount_minor
    return reverse(_PAGES[proof.subject_kind], kwargs=at)
