"""The lock on sign-in. The only module that knows django-axes.

Two counters stand behind each other. Ours (`security.tries`) counts a try before the password is
looked at, under a row lock, so parallel tries cannot pass it; it alone decides what people see.
django-axes counts after the hash and so lets parallel tries through; it is kept as the second
net for any other way into `authenticate()`.
"""

from __future__ import annotations

import copy
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from accounts.security.keyed import keyed_hash
from accounts.security.tries import (
    Ladder,
    TriesState,
    clear_tries,
    subject_hash,
    take_try,
    tries_state,
    tries_state_of,
)
from accounts.signin.names import canonical_name

_SCOPE = "sign_in"


def take_sign_in_try(name: str) -> TriesState:
    """Count one try for a canonical name; raises `TriesLocked`. Unknown names count alike."""
    ladder = Ladder(
        steps=settings.SIGN_IN["ladder"], reset_only_after=settings.SIGN_IN["reset_only_after"]
    )
    return take_try(scope=_SCOPE, subject=name, ladder=ladder)


def lock_state(name: str) -> TriesState:
    """Whether the door is closed for a canonical name, and until when."""
    return tries_state(scope=_SCOPE, subject=name)


def lock_key(name: str) -> str:
    """What a browser session may remember of a locked name: people type secrets there."""
    return subject_hash(scope=_SCOPE, subject=name)


def lock_state_of(key: str) -> TriesState:
    """The state of the name behind a `lock_key`."""
    return tries_state_of(scope=_SCOPE, key=key)


def open_door(name: str) -> None:
    """Forget the wrong tries of a name in both counters."""
    clear_tries(scope=_SCOPE, subject=name)
    reset(username=_axes_name(name))


def keyed_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """What axes keeps instead of the name: people type passwords into the name box."""
    typed = (credentials or {}).get("phone") or (credentials or {}).get("username")
    return _axes_name(canonical_name(str(typed or "")))


def locked_response(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Axes' own way to say no, should anything but our view ever meet it."""
    return HttpResponse(status=403)


class BareAxesHandler(AxesDatabaseHandler):
    """Axes writes everything that was posted into its table; we hand it a request without."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Count a failure; the row keeps the keyed name, the address and the browser's name."""
        bare = None
        if request is not None:
            bare = copy.copy(request)
            bare.GET = QueryDict()
            bare.POST = QueryDict()
        super().user_login_failed(sender, credentials, request=bare, **kwargs)


def _axes_name(name: str) -> str:
    return keyed_hash(purpose="axes", text=name)
