"""Changing one's rules: more protection at any time, less only after fresh proof."""

from __future__ import annotations

from django.db import transaction

from accounts.security.services import record_event
from accounts.users.models import User
from payments.proving.models import ProofRules
from payments.proving.selectors import Rules, rules_of


def set_rules(*, user: User, rules: Rules) -> ProofRules:
    """Write the rules; they hold for everything confirmed from now on.

    Whether lowering them needs fresh proof is the caller's to ask (`Rules.lowers`).
    """
    with transaction.atomic():
        before = rules_of(user)
        written = ProofRules.objects.create(
            user=user,
            from_minor=rules.from_minor,
            new_payee_over_minor=rules.new_payee_over_minor,
            on_new_devices=rules.on_new_devices,
        )
        record_event(
            user=user,
            kind=f"second_proof.{'lowered' if rules.lowers(before) else 'raised'}",
        )
    return written
