"""What pages of other rooms show of a guided view."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest

from accounts.guiding.middleware import FIELD
from accounts.guiding.selectors import find_live_view
from accounts.guiding.words import words_of
from accounts.security.sessions import current_session
from accounts.signin.cover import is_covered

register = template.Library()


@register.simple_tag
def live_guided_view(request: HttpRequest) -> dict[str, Any] | None:
    """The view that is on for this customer, with its words; None for everybody else."""
    user, session = getattr(request, "user", None), current_session(request)
    if session is None or user is None or not user.is_authenticated or user.is_staff:
        return None
    if is_covered(session, user):
        return None
    view = find_live_view(user)
    if view is None:
        return None
    setattr(request, FIELD, view)
    return {"view": view, "words": words_of(view.public_id)}
