"""Reading claims of numbers."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.identity.vault import blind_indexes
from accounts.recycled.models import FormerNumber, NumberClaim, NumberWalk
from accounts.recycled.states import ClaimState
from accounts.users.models import User


def find_number_walk(public_id: object) -> NumberWalk | None:
    """A walk that is not over; None for anything else, well-formed or not."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        return None
    return NumberWalk.objects.filter(public_id=wanted, expires_at__gt=timezone.now()).first()


def find_claim_on(user: User) -> NumberClaim | None:
    """The claim that this person can object to."""
    claim = NumberClaim.objects.filter(user=user, state=ClaimState.WAITING).first()
    return claim if claim is not None and claim.phone == str(user.phone) else None


def find_objection(user: User) -> NumberClaim | None:
    """The newest "it is still mine" that counts: for the number the person has now."""
    since = timezone.now() - timedelta(days=settings.NUMBER_CLAIMS["objection_days"])
    rows = NumberClaim.objects.filter(user=user, state=ClaimState.OBJECTED, ended_at__gt=since)
    return next((claim for claim in rows if claim.phone == str(user.phone)), None)


def find_former_holder(phone: str) -> User | None:
    """Who had this number (E.164) last, lost it to somebody else, and has no other one yet."""
    row = (
        FormerNumber.objects.select_related("user")
        .filter(phone_index__in=blind_indexes(phone), user__is_active=True)
        .order_by("-pk")
        .first()
    )
    return row.user if row is not None and not row.user.has_phone else None
