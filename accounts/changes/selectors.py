"""Reading risky changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.utils import timezone

from accounts.changes.models import Change, ChangeSeen, NotMeWalk
from accounts.changes.undoing import Way, way_of
from accounts.security.models import UserSession
from accounts.users.models import User

# A notice that nobody read for so long is history.
_NEWS = timedelta(days=30)


def list_unseen(user: User, session: UserSession) -> Sequence[Change]:
    """Changes made elsewhere that this device has not been told of, newest first.

    Whoever made a change is on another device than its owner, and must not be able to read the
    notice away: reading it hides it on that device, and elsewhere only when `mark_seen` found the
    device to be the owner's.
    """
    seen = ChangeSeen.objects.filter(change=OuterRef("pk"))
    here, read_here = Q(session=session), Q(session=session) | Q(is_for_all=True)
    # Without a device, which a browser's first answer gives it, the sign-in stands for it.
    if session.device_id is not None:
        here |= Q(device_id=session.device_id)
        read_here |= Q(device_id=session.device_id)
    return list(
        Change.objects.filter(user=user, created_at__gt=timezone.now() - _NEWS)
        .exclude(here)
        .exclude(Exists(seen.filter(read_here)))[:5]
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


def way_by_walk(walk: NotMeWalk) -> Way:
    """What the change of a walk takes to be taken back without signing in: `Way.PHONE`,
    `Way.PERSON`, or one of the others, which no walk goes.

    What staff decided is for staff, or for its owner signed in: they had reasons to trust the phone
    less. Where the person is asked for as well, it must be the phone that a forgotten login
    password asks, not one that was merely told.
    """
    change = walk.change
    if change is None or not change.may_be_undone:
        return Way.NONE
    way = way_of(change.kind)
    if way in (Way.NONE, Way.SIGNED_IN):
        return way
    is_theirs = walk.phone == str(change.user.phone)
    if change.actor_id is not None or (way is Way.PERSON and not is_theirs):
        return Way.SIGNED_IN
    return way
