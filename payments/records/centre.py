"""What the security centre shows of payments: limits, second proof, freeze and its code."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.centre.rows import Row
from accounts.users.models import User
from payments.proving.selectors import rules_of
from payments.safety.selectors import freeze_code_made_at, list_open_freezes
from payments.wallets.amounts import amount_text
from payments.wallets.models import Freeze
from payments.wallets.selectors import find_wallet_for, limit_state


def worth_doing(user: User) -> list[Row]:
    """A freeze code on paper, for the day the phone is gone."""
    if find_wallet_for(user) is None or freeze_code_made_at(user) is not None:
        return []
    return [
        Row(
            icon="freeze",
            title=_("Keep a freeze code on paper"),
            sub=_("It stops all payments when your phone is gone, without signing in"),
            url=reverse("safety:mine"),
        )
    ]


def ways_to_pay(user: User) -> list[Row]:
    """What may leave at once and in a day, and when more than the payment password is asked for."""
    wallet = find_wallet_for(user)
    rows = []
    if wallet is not None:
        state = limit_state(wallet)
        single, day = state.single, state.day
        shown = [
            _("%(amount)s at once") % {"amount": amount_text(single, wallet.currency)}
            if single is not None
            else "",
            _("%(amount)s a day") % {"amount": amount_text(day, wallet.currency)}
            if day is not None
            else "",
        ]
        rows.append(
            Row(
                icon="gauge",
                title=_("Limits"),
                sub=" · ".join(text for text in shown if text) or _("No limits"),
                url=reverse("wallets:limits"),
                tag=_("Lowered") if state.lowered else "",
                tone="warn" if state.lowered else "",
            )
        )
    is_on = rules_of(user).are_on
    rows.append(
        Row(
            icon="user-check",
            title=_("Second proof on payments"),
            sub=_("For high amounts, new payees, new devices: you choose"),
            url=reverse("proving:rules"),
            tag=_("On") if is_on else _("Off"),
            tone="ok" if is_on else "",
        )
    )
    return rows


def freezes(user: User) -> list[Row]:
    """That no money leaves, and whose doing it is."""
    open_freezes = list_open_freezes(user)
    if not open_freezes:
        return []
    is_by_bank = any(freeze.side == Freeze.Side.BANK for freeze in open_freezes)
    says = (
        _("The bank has frozen it. Money sent to you still arrives.")
        if is_by_bank
        else _("Money sent to you still arrives. You lift it by showing who you are.")
    )
    return [Row("freeze", _("Your wallet is frozen"), reverse("safety:mine"), says)]
