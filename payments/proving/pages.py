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
}


def proof_page(user: User | None, challenge_id: UUID) -> str | None:
    """The page of a proof that is still open; None for any other."""
    proof = SecondProof.objects.filter(
        user=user, challenge_id=challenge_id, used_at=None, expires_at__gt=timezone.now()
    ).first()
    name = _PAGES.get(proof.subject_kind) if proof else None
    return reverse(name, kwargs={"public_id": proof.subject_id}) if proof and name else None
