"""The way back to a card that waits for its code."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from accounts.users.models import User
from payments.banking.models import CardDraft


def draft_page(user: User | None, challenge_id: UUID) -> str | None:
    """The page that takes this code; None when the card is linked, or it is too late."""
    draft = CardDraft.objects.filter(challenge_id=challenge_id, owner=user).first()
    if draft is None or not draft.is_open:
        return None
    return reverse("banking:confirm_card", args=[draft.public_id])
