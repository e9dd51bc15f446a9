"""Changing one's rules: more protection at any time, less only after fresh proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.changes.services import note_change
from accounts.changes.undoing import register
from accounts.factors.errors import FreshProofNeeded
from accounts.security.services import record_event
from accounts.users.models import User
from accounts.users.services import lock_person
from payments.proving.models import ProofRules
from payments.proving.selectors import Rules, rules_of

if TYPE_CHECKING:
    from accounts.changes.models import Change
    from accounts.security.models import UserSession

LOWERED = "second_proof.lowered"


def set_rules(*, user: User, rules: Rules, session: UserSession | None = None) -> ProofRules:
    """Write the rules of somebody who has given fresh proof; they hold for everything confirmed
    from now on. Less protection is told to the person everywhere and can be taken back for a day.
    """
    return _write(user, rules, session, lambda before: None)


def tighten_rules(*, user: User, rules: Rules, session: UserSession | None = None) -> ProofRules:
    """Write rules that need no proof. Raises `FreshProofNeeded` for any that protect less than what
    holds at that moment: it is decided under the lock under which they are written."""

    def require_stricter(before: Rules) -> None:
        if rules.lowers(before):
            raise FreshProofNeeded

    return _write(user, rules, session, require_stricter)


def _write(
    user: User, rules: Rules, session: UserSession | None, require: Callable[[Rules], None]
) -> ProofRules:
    with transaction.atomic():
        lock_person(user.pk)
        before = rules_of(user)
        require(before)
        written = ProofRules.objects.create(
            user=user,
            from_minor=rules.from_minor,
            new_payee_over_minor=rules.new_payee_over_minor,
            on_new_devices=rules.on_new_devices,
        )
        if rules.lowers(before):
            note_change(user=user, kind=LOWERED, session=session, undo=asdict(before))
        else:
            record_event(user=user, kind="second_proof.raised")
    return written


def put_back(change: Change, kept: Mapping[str, Any]) -> None:
    """Undo a lowering: each reason asks as it did before, or sooner where that was chosen since.
    Joins the caller's transaction."""
    set_rules(user=change.user, rules=Rules(**kept).stricter(rules_of(change.user)))


def register_undo() -> None:
    """Make less protection a change that can be taken back."""
    register(
        kind=LOWERED,
        says=_("We will ask for a second proof as we did before."),
        carry_out=put_back,
    )
