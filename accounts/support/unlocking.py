"""Ending a lock: what it takes and what goes with it, whoever decides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.caution.services import begin_caution
from accounts.payment_password.selectors import payment_password_state
from accounts.payment_password.services import unlock_payment_password
from accounts.phone.services import send_notice
from accounts.signin.selectors import sign_in_lock_state
from accounts.signin.services import unlock_sign_in
from accounts.support import errors
from accounts.support.models import SupportAction
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Lock:
    """One kind of lock, by the name that addresses carry."""

    title: str | Promise
    action: SupportAction.Action
    is_locked: Callable[[User], bool]
    unlock: Callable[..., None]


LOCKS: dict[str, Lock] = {
    "sign-in": Lock(
        title=_("End the sign-in lock"),
        action=SupportAction.Action.SIGN_IN_UNLOCKED,
        is_locked=lambda user: sign_in_lock_state(user).is_locked,
        unlock=unlock_sign_in,
    ),
    "payment-password": Lock(
        title=_("End the payment password lock"),
        action=SupportAction.Action.PAYMENT_UNLOCKED,
        is_locked=lambda user: payment_password_state(user).is_locked,
        unlock=unlock_payment_password,
    ),
}


def require_locked(*, which: str, customer: User) -> None:
    """Raises `NothingLocked` where there is nothing to end."""
    if not LOCKS[which].is_locked(customer):
        raise errors.NothingLocked


def lift(*, which: str, customer: User, by: User, reason: str) -> None:
    """End the lock, lower the limits for a day, tell the customer. Joins the caller's transaction.

    Raises `NothingLocked`, and `PaymentPasswordLocked` when only a new payment password helps.
    """
    require_locked(which=which, customer=customer)
    LOCKS[which].unlock(user=customer, by=by, reason=reason)
    begin_caution(user=customer, why="support_helped")
    send_notice(user=customer, message="support_unlocked")
