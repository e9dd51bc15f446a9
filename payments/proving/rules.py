"""Changing one's rules: more protection at any time, less only after fresh proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.changes.services import note_change
from accounts.changes.undoing import register
from accounts.security.services import record_event
from accounts.users.models import User
from payments.proving.errors import LessNeedsProof
from payments.proving.models import ProofRules
from payments.proving.selectors import Rules, rules_of

if TYPE_CHECKING:
    from accounts.changes.models import Change
    from accounts.security.models import UserSession

LOWERED = "second_proof.lowered"


def set_rules(
    *, user: User, rules: Rules, session: UserSession | None = None, may_lower: bool = True
) -> ProofRules:
    """Write the rules; they hold for everything confirmed from now on. Less protection is told
    to the person everywhere and can be taken back for a day.

    Whether who asks has given fresh proof is the caller's to say (`may_lower`); whether that is
    needed is decided here, for what holds in this moment. Raises `LessNeedsProof`.
    """
    with transaction.atomic():
        # Two at once: the row of the person says who comes second.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        before = rules_of(user)
        if rules.lowers(before) and not may_lower:
            raise LessNeedsProof
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
