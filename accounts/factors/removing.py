"""Taking second factors away, and putting them back within a day.

The caller has asked for fresh proof. The person is told everywhere; when nothing is left, limits
are lower for a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from accounts.caution.services import begin_caution
from accounts.changes.errors import CannotUndo
from accounts.changes.models import Change
from accounts.changes.services import note_change
from accounts.factors.adding import hold, list_taken_back, require_left_for_staff
from accounts.factors.models import Authenticator, Passkey, RecoveryCode
from accounts.factors.selectors import get_authenticator, has_second_factor, list_passkeys
from accounts.identity import vault
from accounts.security.models import UserSession
from accounts.security.services import record_event
from accounts.users.models import User

FACTOR_OFF, PASSKEY_REMOVED = "two_factor.off", "passkey.removed"
_KEPT_OF_PASSKEY = (
    "name", "credential_id", "public_key", "sign_count", "transports", "aaguid", "is_backed_up",
)  # fmt: skip


def switch_off(
    *, user: User, address: str = "", session: UserSession | None = None, actor: User | None = None
) -> None:
    """Take every second factor and all recovery codes away."""
    with transaction.atomic():
        hold(user)
        _take(
            user,
            app=get_authenticator(user),
            passkeys=list_passkeys(user),
            kind=FACTOR_OFF,
            session=session,
            address=address,
            actor=actor,
        )


def remove_app(*, user: User, address: str = "", session: UserSession | None = None) -> None:
    """Take the authenticator app away; recovery codes stay while there is a passkey. Raises
    `LastFactor` for staff without one. Without an app nothing happens."""
    with transaction.atomic():
        hold(user)
        app = get_authenticator(user)
        if app is None:
            return
        _take(
            user,
            app=app,
            passkeys=[],
            kind=FACTOR_OFF,
            session=session,
            address=address,
        )
        require_left_for_staff(user)


def remove_passkey(
    *, passkey: Passkey, address: str = "", session: UserSession | None = None
) -> None:
    """Take one passkey away; recovery codes stay while another factor is left. Raises
    `LastFactor` for staff without one. One that is gone already is taken once."""
    with transaction.atomic():
        hold(passkey.user)
        if not Passkey.objects.filter(pk=passkey.pk).exists():
            return
        _take(
            passkey.user,
            app=None,
            passkeys=[passkey],
            kind=PASSKEY_REMOVED,
            session=session,
            address=address,
        )
        require_left_for_staff(passkey.user)


def put_back(change: Change, kept: Mapping[str, Any]) -> None:
    """Undo a removal. Raises `CannotUndo` when there was nothing, or for somebody who has set up
    another app since. What its owner has said not to have added does not come back."""
    user = change.user
    hold(user)
    unwanted = list_taken_back(user)
    passkeys = [each for each in kept.get("passkeys", []) if each["credential_id"] not in unwanted]
    app_key = "" if kept["app_key"] in unwanted else kept["app_key"]
    if not app_key and not passkeys:
        raise CannotUndo
    if app_key:
        if get_authenticator(user) is not None:
            raise CannotUndo
        Authenticator.objects.create(
            user=user,
            name="app",
            confirmed=True,
            secret=vault.encrypt(app_key),
            last_step=kept["last_step"],
        )
    Passkey.objects.bulk_create(
        [
            Passkey(
                user=user,
                created_at=parse_datetime(each["created_at"]),
                **{name: each[name] for name in _KEPT_OF_PASSKEY},
            )
            for each in passkeys
        ],
        ignore_conflicts=True,
    )
    # Newer codes, made with another factor meanwhile, are the ones that are on paper now.
    if not RecoveryCode.objects.filter(user=user).exists():
        RecoveryCode.objects.bulk_create(
            [RecoveryCode(user=user, code_hash=code_hash) for code_hash in kept["hashes"]]
        )
    record_event(user=user, kind="two_factor.on")


def _take(
    user: User,
    *,
    app: Authenticator | None,
    passkeys: Sequence[Passkey],
    kind: str,
    session: UserSession | None,
    address: str,
    actor: User | None = None,
) -> None:
    # As they are now: what is accepted at this moment is not accepted again when they are back.
    if app is not None:
        app = Authenticator.objects.select_for_update().get(pk=app.pk)
    ids = [each.pk for each in passkeys]
    passkeys = list(Passkey.objects.select_for_update().filter(pk__in=ids))
    kept: dict[str, Any] = {
        # Kept encrypted as a whole, so that turning keys over needs to know nothing of it.
        "app_key": app.key().hex() if app else "",
        "last_step": app.last_step if app else -1,
        "passkeys": [
            {name: getattr(each, name) for name in _KEPT_OF_PASSKEY}
            | {"created_at": each.created_at.isoformat()}
            for each in passkeys
        ],
        "hashes": [],
    }
    if app is not None:
        Authenticator.objects.filter(user=user).delete()
    Passkey.objects.filter(pk__in=ids).delete()
    is_over = not has_second_factor(user)
    if is_over:
        # Locked: one that is being used at this moment is either used, or gone.
        unused = RecoveryCode.objects.select_for_update().filter(user=user, used_at=None)
        kept["hashes"] = list(unused.values_list("code_hash", flat=True))
        RecoveryCode.objects.filter(user=user).delete()
    note_change(user=user, kind=kind, session=session, address=address, actor=actor, undo=kept)
    if is_over:
        begin_caution(user=user, why="factor_removed")
