"""Which guided views are on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.guiding.models import GuidedView, HelperCode
from accounts.security.selectors import list_open_sessions_for
from accounts.users.models import User


def live_views(customer: User) -> QuerySet[GuidedView]:
    """At most one: not ended by anybody, in its time, and both browsers are still signed in."""
    now = timezone.now()
    return GuidedView.objects.filter(
        customer=customer,
        ended_at=None,
        ends_at__gt=now,
        session__in=list_open_sessions_for(customer),
        agent_session__ended_at=None,
        agent_session__last_seen_at__gt=now
        - timedelta(seconds=settings.SESSIONS["staff_idle_seconds"]),
    )


def find_live_view(customer: User) -> GuidedView | None:
    """The one that is on now."""
    return live_views(customer).first()


def find_live_view_of(agent: User, customer: User) -> GuidedView | None:
    """The one that is on now, when it is this agent's."""
    return live_views(customer).filter(agent=agent).first()


def get_view_for_agent(agent: User, public_id: UUID) -> GuidedView:
    """The agent's own, over or not; 404 for anybody else's."""
    views = GuidedView.objects.select_related("customer", "agent", "visit")
    view = views.filter(public_id=public_id, agent=agent).first()
    if view is None:
        raise Http404
    return view


def is_live(view: GuidedView) -> bool:
    """Whether it is on now, read from the rows."""
    return live_views(view.customer).filter(pk=view.pk).exists()


def find_live_code(user: User) -> HelperCode | None:
    """The code that waits to be read out."""
    return HelperCode.objects.filter(
        user=user, used_at=None, ended_at=None, expires_at__gt=timezone.now()
    ).first()
