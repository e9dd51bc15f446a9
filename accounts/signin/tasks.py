"""Sweeping up behind the door."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.factors.passkey_challenges import forget_challenges
from accounts.security.models import Tries, UserSession
from accounts.security.throttle import forget_old_acts
from accounts.security.tries import settle_locks
from accounts.signin.lockout import forget_old_attempts
from accounts.signin.models import KeptForm, LoginRecovery, PendingSignIn

# Counts that lead to no lock are forgotten after this long without a try.
FORGET_TRIES_AFTER = timedelta(days=90)
KEEP_ENDED_SESSIONS = timedelta(days=90)


@shared_task(name="accounts.signin.clear_sessions")
def clear_sessions() -> None:
    """Delete what no longer decides anything: run-out sessions, pending rows, old throttles."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    PendingSignIn.objects.filter(expires_at__lt=now).delete()
    KeptForm.objects.filter(expires_at__lt=now).delete()
    LoginRecovery.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    UserSession.objects.filter(last_seen_at__lt=now - KEEP_ENDED_SESSIONS).delete()
    Tries.objects.filter(updated_at__lt=now - FORGET_TRIES_AFTER, is_reset_only=False).delete()
    forget_old_acts()
    forget_old_attempts()
    forget_challenges()


@shared_task(name="accounts.signin.settle_locks")
def settle_sign_in_locks() -> int:
    """Shorten locks of a clock that ran ahead; how many."""
    return settle_locks()
