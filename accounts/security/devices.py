"""Browsers that a person has used before: recognising, trusting and forgetting them.

A browser carries a random token in a long-lived signed cookie; the row keeps its hash and decides.
The session points at the row, so that nothing is looked up again while it lasts.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.security.keyed import keyed_hashes
from accounts.security.models import KnownDevice, UserSession
from accounts.security.services import record_event
from accounts.users.models import User

_SALT = "accounts.security.devices"


def recognise_device(*, request: HttpRequest, response: HttpResponse, session: UserSession) -> None:
    """Tie this session to the browser's device, known or new, and see that it has its cookie."""
    typed = request.get_signed_cookie(settings.DEVICE_COOKIE_NAME, default="", salt=_SALT)
    device = _find(session.user, typed) if typed else None
    if device is not None and device.forgotten_at is not None:
        device, typed = None, ""
    token = typed or secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            now = timezone.now()
            if device is None:
                device = KnownDevice.objects.create(
                    user=session.user, token_hash=_hashes(token)[0], label=session.label
                )
            else:
                KnownDevice.objects.filter(pk=device.pk).update(last_seen_at=now)
            # Of two first requests at once one names the device, and its cookie is the one.
            if not UserSession.objects.filter(pk=session.pk, device=None).update(device=device):
                raise _NamedMeanwhile
    except (_NamedMeanwhile, IntegrityError):
        return
    session.device = device
    _give_cookie(response, token)


def welcome_device(*, request: HttpRequest, response: HttpResponse, user: User, label: str) -> None:
    """Know this browser as the person's, who has shown more here than a password and signs in next:
    whoever keeps the strangers' door shut must not keep them out. For payments it is new."""
    typed = request.get_signed_cookie(settings.DEVICE_COOKIE_NAME, default="", salt=_SALT)
    device = _find(user, typed) if typed else None
    if device is not None and device.forgotten_at is None:
        return
    token = typed if typed and device is None else secrets.token_urlsafe(32)
    with suppress(IntegrityError), transaction.atomic():
        KnownDevice.objects.create(user=user, token_hash=_hashes(token)[0], label=label)
    _give_cookie(response, token)


def _give_cookie(response: HttpResponse, token: str) -> None:
    response.set_signed_cookie(
        settings.DEVICE_COOKIE_NAME,
        token,
        salt=_SALT,
        max_age=settings.DEVICES["cookie_seconds"],
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class _NamedMeanwhile(Exception):
    """Another request of the session was first."""


def is_known_device(session: UserSession | None) -> bool:
    """Whether this session's browser is not new to its person; no session is new."""
    if session is None or session.device_id is None:
        return False
    device = KnownDevice.objects.filter(pk=session.device_id, user_id=session.user_id).first()
    return device is not None and device.is_known


def note_device_proved(*, session: UserSession) -> None:
    """A second proof was passed in this session: its browser is known from now on."""
    if session.device_id is not None:
        KnownDevice.objects.filter(pk=session.device_id, proved_at=None, forgotten_at=None).update(
            proved_at=timezone.now()
        )


def find_device_of(request: HttpRequest, phone: str) -> KnownDevice | None:
    """The device this browser is to the person with this number, whoever is signed in; None for
    strangers and for forgotten ones. Costs the same for a number nobody has."""
    token = request.get_signed_cookie(settings.DEVICE_COOKIE_NAME, default="", salt=_SALT)
    return KnownDevice.objects.filter(
        user__phone=phone, token_hash__in=_hashes(token or ""), forgotten_at=None
    ).first()


def list_devices_for(user: User) -> QuerySet[KnownDevice]:
    """The browsers this person has used and not forgotten, the last used first."""
    return KnownDevice.objects.filter(user=user, forgotten_at=None)


def have_shared_device(one: User, other: User) -> bool:
    """Whether two people were signed in with one browser within `DEVICES["shared_seconds"]`: they
    may be one person. A forgotten device counts as well; whoever forgot it would go unnoticed."""
    since = timezone.now() - timedelta(seconds=settings.DEVICES["shared_seconds"])
    used = KnownDevice.objects.filter(last_seen_at__gt=since)
    theirs = used.filter(user=other).values("token_hash")
    return used.filter(user=one, token_hash__in=theirs).exists()


def forget_device(*, user: User, public_id: UUID) -> bool:
    """Make one of a person's devices new again; whether it was theirs and known. Its sessions
    go on, as from a new browser."""
    with transaction.atomic():
        device = KnownDevice.objects.filter(user=user, public_id=public_id).first()
        if device is None:
            return False
        forgotten = KnownDevice.objects.filter(pk=device.pk, forgotten_at=None).update(
            forgotten_at=timezone.now()
        )
        if forgotten:
            UserSession.objects.filter(device=device).update(device=None)
            record_event(user=user, kind="device.forgotten", details={"device": device.label})
    return bool(forgotten)


def _find(user: User, token: str) -> KnownDevice | None:
    return KnownDevice.objects.filter(user=user, token_hash__in=_hashes(token)).first()


def _hashes(token: str) -> list[str]:
    return keyed_hashes(purpose="device", text=token)
