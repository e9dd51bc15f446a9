"""Reading risky changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.utils import timezone

from accounts.changes.models import Change, ChangeSeen, NotMeWalk
from accounts.security.models import UserSession
from accounts.users.models import User

# A notice that nobody read for so long is history.
_NEWS = timedelta(days=30)


def list_unseen(user: User, session: UserSession) -> Sequence[Change]:
    """Changes made elsewhere that this browser has not been told of, newest first.

    A browser that was signed in later is told only of what nobody has read in any other one.
    """
    seen = ChangeSeen.objects.filter(change=OuterRef("pk"))
    return list(
        Change.objects.filter(user=user, created_at__gt=timezone.now() - _NEWS)
        .filter(Q(session=None) | ~Q(session=session))
        .exclude(Exists(seen.filter(session=session)))
        .exclude(Q(created_at__lt=session.created_at) & Exists(seen))[:5]
    )


def list_undoable(user: User) -> Sequence[Change]:
    """What this person can take back now, newest first."""
    return list(
        Change.objects.filter(user=user, undone_at=None, undo_until__gt=timezone.now())[:20]
    )


def get_change_for(user: User, public_id: UUID) -> Change:
    """This person's change. Raises Http404 for any other, as for none."""
    found = Change.objects.filter(user=user, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def find_walk(public_id: object) -> NotMeWalk | None:
    """A walk that is not over; None for anything else, well-formed or not."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        return None
    return (
        NotMeWalk.objects.select_related("change__user")
        .filter(public_id=wanted, expires_at__gt=timezone.now())
        .first()
    )
