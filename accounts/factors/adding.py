"""Taking a second factor away again that was added within a day.

For people who did not add it: a passkey signs in alone, and either kind asks the owner, who has the
right password, for something they have not. Only what the change itself added goes; older factors
stay, and an app that was replaced comes back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime

from accounts.caution.services import begin_caution
from accounts.changes.models import Change
from accounts.factors.errors import LastFactor
from accounts.factors.models import Authenticator, Passkey, RecoveryCode
from accounts.factors.selectors import get_authenticator, has_second_factor
from accounts.identity import vault
from accounts.security.services import record_event
from accounts.users.models import User
from accounts.users.services import lock_person

APP_ADDED, PASSKEY_ADDED = "two_factor.on", "passkey.added"


def before_app(user: User) -> dict[str, Any]:
    """What a new app is about to replace. Call it in the same transaction, before anything goes."""
    app = get_authenticator(user)
    unused = RecoveryCode.objects.filter(user=user, used_at=None)
    return {
        **before_passkey(user),
        "app_key": app.key().hex() if app else "",
        "last_step": app.last_step if app else -1,
        "app_made_at": app.created_at.isoformat() if app else "",
        "hashes": list(unused.values_list("code_hash", flat=True)),
    }


def before_passkey(user: User) -> dict[str, Any]:
    """The same for a new passkey, which replaces nothing."""
    newest = RecoveryCode.objects.filter(user=user).order_by("-pk").first()
    return {"app_key": "", "hashes": [], "last_code": newest.pk if newest else 0}


def added(*, app_key: str = "", credential_id: str = "") -> dict[str, str]:
    """What the change adds: the key of an app (hex), or the id of a passkey."""
    return {"app_key": app_key, "credential_id": credential_id}


def take_away(change: Change, kept: Mapping[str, Any]) -> None:
    """Undo an adding. What is not there any more, removed or replaced since, does not come back by
    undoing that (`list_taken_back`). Raises `LastFactor` for staff without another factor."""
    user, new = change.user, kept["added"]
    hold(user)
    before = kept["before"]
    while before["app_key"] in (gone := list_taken_back(user)):
        before = gone[before["app_key"]]
    if not (_take_app(user, new, before) if new["app_key"] else _take_passkey(user, new)):
        return
    RecoveryCode.objects.filter(user=user, pk__gt=kept["before"]["last_code"]).delete()
    if has_second_factor(user):
        # They died when the new app came, so none of them was used since.
        RecoveryCode.objects.bulk_create(
            [RecoveryCode(user=user, code_hash=code_hash) for code_hash in before["hashes"]],
            ignore_conflicts=True,
        )
    else:
        require_left_for_staff(user)
        RecoveryCode.objects.filter(user=user).delete()
        begin_caution(user=user, why="factor_removed")
    if new["credential_id"]:
        record_event(user=user, kind="passkey.removed")
    elif not before["app_key"]:
        record_event(user=user, kind="two_factor.off")


def list_taken_back(user: User) -> dict[str, Mapping[str, Any]]:
    """Keys of apps and ids of passkeys whose adding was taken back, each with what was before it:
    whoever undoes a removal or a replacement of them must not get them back."""
    rows = Change.objects.filter(
        user=user, kind__in=(APP_ADDED, PASSKEY_ADDED), undone_at__isnull=False
    ).exclude(undo_encrypted="")
    every = [json.loads(vault.decrypt(row.undo_encrypted)) for row in rows]
    return {text: each["before"] for each in every for text in each["added"].values() if text}


def hold(user: User) -> None:
    """One change of a person's factors at a time: two at once would each leave the other's."""
    lock_person(user.pk)


def require_left_for_staff(user: User) -> None:
    """Raise `LastFactor` for staff who have none now."""
    if user.is_staff and not has_second_factor(user):
        raise LastFactor


def _take_passkey(user: User, new: Mapping[str, str]) -> bool:
    count, _each = Passkey.objects.filter(user=user, credential_id=new["credential_id"]).delete()
    return bool(count)


def _take_app(user: User, new: Mapping[str, str], before: Mapping[str, Any]) -> bool:
    app = get_authenticator(user)
    # Another one that was set up since is another change, with a way back of its own.
    if app is None or app.key().hex() != new["app_key"]:
        return False
    app.delete()
    if before["app_key"]:
        Authenticator.objects.create(
            user=user,
            name="app",
            confirmed=True,
            secret=vault.encrypt(before["app_key"]),
            last_step=before["last_step"],
            created_at=parse_datetime(before["app_made_at"]),
        )
    return True
