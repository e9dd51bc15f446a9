"""What is worth doing now: a few things, the weightiest first, and nothing that only nags."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.centre.rows import Row, Where, rows_of
from accounts.factors.selectors import count_recovery_codes_left, has_second_factor
from accounts.payment_password.errors import WEAK_SENTENCES
from accounts.payment_password.selectors import State, payment_password_state
from accounts.recycled.selectors import find_claim_on
from accounts.security.models import UserSession
from accounts.security.selectors import list_open_sessions_for
from accounts.users.models import User

MOST = 3


def list_advice(user: User, here: UserSession | None) -> list[Row]:
    """Up to three things, each a link that starts it."""
    every = [
        *_about_number(user),
        *_about_payment_password(payment_password_state(user)),
        *_about_login_password(user),
        *_about_new_devices(user, here),
        *_about_factors(user),
        *_about_age(payment_password_state(user)),
        *rows_of(Where.NOW, user),
    ]
    return every[:MOST]


def _about_number(user: User) -> Iterator[Row]:
    if not user.has_phone:
        yield Row(
            icon="phone",
            title=_("Give yourself a phone number"),
            sub=_("Your old one went to somebody else; without one we cannot reach you."),
            url=reverse("phone_change:start"),
            tag=_("No number"),
            tone="warn",
        )
    elif find_claim_on(user) is not None:
        yield Row(
            icon="phone",
            title=_("Is your phone number still yours?"),
            sub=_("Somebody else holds it and asks for it."),
            url=reverse("recycled:mine"),
            tag=_("Answer"),
            tone="warn",
        )


def _about_payment_password(state: State) -> Iterator[Row]:
    if state.reset_only:
        yield Row(
            icon="lock",
            title=_("Set a new payment password"),
            sub=_("It can no longer be checked; nothing can be paid until then.")
            if state.is_key_gone
            else _("It is locked after too many wrong tries; nothing can be paid until then."),
            url=reverse("payment_password:reset"),
            tag=_("Locked"),
            tone="warn",
        )
    elif not state.is_set:
        yield Row(
            icon="lock",
            title=_("Set a payment password"),
            sub=_("Without one nothing can be paid."),
            url=reverse("payment_password:reset"),
            tag=_("Not set yet"),
            tone="warn",
        )
    elif state.is_outgrown:
        yield Row(
            icon="lock",
            title=_("Choose another payment password"),
            sub=WEAK_SENTENCES["personal"],
            url=reverse("payment_password:change"),
            tag=_("Too easy"),
            tone="warn",
        )


def _about_login_password(user: User) -> Iterator[Row]:
    if user.is_password_outgrown:
        yield Row(
            icon="key",
            title=_("Choose another login password"),
            sub=_("This is too much like your phone number, name or ID number."),
            url=reverse("signin:change_password"),
            tag=_("Too easy"),
            tone="warn",
        )


def _about_new_devices(user: User, here: UserSession | None) -> Iterator[Row]:
    """Somebody is signed in elsewhere, in a browser that was not there a day ago."""
    for session in list_open_sessions_for(user).select_related("device"):
        is_here = here is not None and session.pk == here.pk
        if is_here or session.device is None or session.device.is_known:
            continue
        yield Row(
            icon="laptop",
            title=_("Is this device yours?"),
            sub=_("%(device)s signed in for the first time.")
            % {"device": session.label or _("An unknown device")},
            url="#devices",
            tag=_("New"),
            tone="warn",
        )
        return


def _about_factors(user: User) -> Iterator[Row]:
    page = reverse("factors:two_factor")
    if not has_second_factor(user):
        yield Row(
            icon="shield-alert",
            title=_("Switch on two-step sign-in"),
            sub=_("A stolen password alone then opens nothing"),
            url=page,
            tag=_("Off"),
            tone="warn",
        )
        return
    left = count_recovery_codes_left(user)
    if left <= settings.SIGN_IN["recovery_codes_low"]:
        said = ngettext("%(left)s recovery code left", "%(left)s recovery codes left", left)
        yield Row(
            icon="file",
            title=_("Make new recovery codes"),
            sub=said % {"left": left},
            url=page,
            tone="warn",
        )


def _about_age(state: State) -> Iterator[Row]:
    """A gentle reminder: nobody is made to."""
    if state.is_old and state.changed_at is not None:
        days = (timezone.now() - state.changed_at).days
        yield Row(
            icon="key",
            title=_("Change the payment password"),
            sub=_("Last changed %(days)s days ago") % {"days": days},
            url=reverse("payment_password:change"),
            tone="warn",
        )
