"""The lock on sign-in. The only module that knows django-axes.

Two counters stand behind each other. Ours (`security.tries`) counts a try before the password is
looked at, under a row lock, so parallel tries cannot pass it; it alone decides what people see.
django-axes counts after the hash and so lets parallel tries through; it is kept as the second
net for any other way into `authenticate()`.

Tries are counted by person and source: all strangers together have one ladder for a name, and each
browser in which its owner has signed in before has its own. So whoever knows a phone number can
shut the door for strangers, never for the owner's own browsers, and many addresses gain nothing.
"""

from __future__ import annotations

import copy
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from accounts.security.devices import list_devices_for
from accounts.security.keyed import keyed_hash
from accounts.security.models import KnownDevice
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
from accounts.users.models import User

_SCOPE = "sign_in"
_DOOR = "sign_in_door"


def door_of(name: str, device: KnownDevice | None) -> str:
    """What the tries for a canonical name in this browser are counted under."""
    return name if device is None else f"{name} in {device.public_id}"


def take_sign_in_try(door: str) -> TriesState:
    """Count one try at a door; raises `TriesLocked`. Unknown names count alike."""
    ladder = Ladder(
        steps=settings.SIGN_IN["ladder"], reset_only_after=settings.SIGN_IN["reset_only_after"]
    )
    return take_try(scope=_SCOPE, subject=door, ladder=ladder)


def lock_state(door: str) -> TriesState:
    """Whether a door is closed, and until when."""
    return tries_state(scope=_SCOPE, subject=door)


def lock_key(door: str) -> str:
    """What a browser session may remember of a locked door: people type secrets as names."""
    return subject_hash(scope=_SCOPE, subject=door)


def lock_state_of(key: str) -> TriesState:
    """The state of the door behind a `lock_key`."""
    return tries_state_of(scope=_SCOPE, key=key)


def open_door(door: str) -> None:
    """Forget the wrong tries at a door in both counters; those at other doors stay."""
    clear_tries(scope=_SCOPE, subject=door)
    reset(username=_axes_name(door))


def doors_of(user: User) -> list[str]:
    """The strangers' door of a person, then those of their own browsers."""
    name = str(user.phone)
    return [name, *(door_of(name, device) for device in list_devices_for(user))]


def mark_door(request: HttpRequest, door: str) -> None:
    """Tell axes, which only sees the request, at which door this try is."""
    setattr(request, _DOOR, door)


def keyed_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """What axes keeps instead of the name: people type passwords into the name box."""
    door: str | None = getattr(request, _DOOR, None)
    if door is not None:
        return _axes_name(door)
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


def forget_old_attempts() -> None:
    """Delete failures that django-axes counts no more: they hold network addresses."""
    over = timezone.now() - settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.filter(attempt_time__lt=over).delete()


def _axes_name(door: str) -> str:
    return keyed_hash(purpose="axes", text=door)
