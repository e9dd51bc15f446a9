"""What pages of other rooms show of risky changes."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest

from accounts.changes.selectors import list_unseen
from accounts.security.kinds import kind_title
from accounts.security.sessions import current_session

register = template.Library()


@register.simple_tag
def unseen_changes(request: HttpRequest) -> list[dict[str, Any]]:
    """Changes that were made elsewhere and that this browser has not shown yet."""
    session = current_session(request)
    if session is None:
        return []
    changes = list_unseen(session.user, session)
    return [{"change": change, "title": kind_title(change.kind)} for change in changes]
