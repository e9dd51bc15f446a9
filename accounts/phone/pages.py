"""Where a code is typed in: so that help can lead back to the page that waits for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.phone.binding import find_session_key, session_hash
from accounts.phone.models import Challenge
from accounts.users.models import User

# How long after it was asked for a code's page is worth going back to.
_WORTH = timedelta(hours=24)

FindPage = Callable[[User | None, UUID], str | None]
_pages: dict[str, FindPage] = {}


def register_code_page(purpose: str, find_page: FindPage | str) -> None:
    """Codes of this purpose are typed at the address of this name, or at the path that
    `find_page(user, challenge_id)` gives; None for one that is not open any more."""
    if isinstance(find_page, str):
        name = find_page
        _pages[purpose] = lambda _user, _challenge_id: reverse(name)
    else:
        _pages[purpose] = find_page


def waiting_code_page(request: HttpRequest) -> str | None:
    """The page on which this browser waits for a code, if it does: of the newest one asked for."""
    key = find_session_key(request)
    if not key:
        return None
    waiting = Challenge.objects.filter(
        session_hash=session_hash(key),
        consumed_at=None,
        purpose__in=_pages,
        codes__created_at__gt=timezone.now() - _WORTH,
    )
    newest = waiting.order_by("-codes__pk").first()
    if newest is None:
        return None
    return _pages[newest.purpose](newest.user, newest.public_id)
