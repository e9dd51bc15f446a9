"""What pages of other rooms show of support."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.cases.selectors import count_unread_for

register = template.Library()


@register.simple_tag
def unread_answers(user: Any) -> int:
    """In how many of this person's cases support has answered and they have not read it."""
    return count_unread_for(user) if getattr(user, "is_authenticated", False) else 0
