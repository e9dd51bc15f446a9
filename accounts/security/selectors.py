"""Reading what the security room remembers."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.security.models import SecurityEvent, UserSession
from accounts.users.models import User


def list_events_for(user: User) -> QuerySet[SecurityEvent]:
    """What happened to this person's security, newest first."""
    return SecurityEvent.objects.filter(user=user).select_related("actor")


def list_looks_at(user: User) -> QuerySet[SecurityEvent]:
    """When members of staff looked at or changed this person's record, newest first."""
    return list_events_for(user).filter(actor__isnull=False).exclude(actor=user)


def list_open_sessions_for(user: User) -> QuerySet[UserSession]:
    """Browsers that are signed in and have not run out, last used first."""
    limits = settings.SESSIONS
    kind = "staff" if user.is_staff else "customer"
    now = timezone.now()
    return UserSession.objects.filter(
        user=user,
        ended_at=None,
        last_seen_at__gt=now - timedelta(seconds=limits[f"{kind}_idle_seconds"]),
        created_at__gt=now - timedelta(seconds=limits[f"{kind}_most_seconds"]),
    )


def is_session_over(session: UserSession) -> bool:
    """Whether it has been ended meanwhile, from here or from anywhere."""
    return not UserSession.objects.filter(pk=session.pk, ended_at=None).exists()


def find_session(public_id: UUID | str, user: User) -> UserSession | None:
    """One session of this person, ended or not."""
    return UserSession.objects.filter(public_id=public_id, user=user).first()
