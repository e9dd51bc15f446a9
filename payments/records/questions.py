"""Questions for the support desk out of somebody's records: amounts and months, never names."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.support.questions import Question
from accounts.users.models import User
from payments.banking.selectors import list_cards
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.wallets.amounts import amount_text
from payments.wallets.models import Wallet

_LATELY = timedelta(days=90)
_OTHERS = 3


def questions_about(user: User) -> Sequence[Question]:
    """What there is to ask; what the wallet holds is never asked."""
    wallet = Wallet.objects.filter(owner=user, kind=Wallet.Kind.PERSONAL).first()
    if wallet is None:
        return []
    return [
        *_last_amount(wallet, "top_up", _("How much was the last top-up?")),
        *_last_amount(wallet, "transfer", _("How much was the last transfer to somebody?")),
        *_card(user),
    ]


def _last_amount(wallet: Wallet, kind: str, text: object) -> list[Question]:
    side = {"payee_wallet": wallet} if kind == "top_up" else {"payer_wallet": wallet}
    last = (
        Payment.objects.filter(
            **side,
            kind=kind,
            state=PaymentState.SUCCEEDED,
            created_at__gt=timezone.now() - _LATELY,
        )
        .order_by("-created_at")
        .first()
    )
    if last is None:
        return []
    right = last.amount_minor
    others = _others_like(right)
    return [
        Question(
            key=f"last.{kind}",
            text=str(text),
            right=amount_text(right, wallet.currency),
            wrong=[amount_text(other, wallet.currency) for other in others],
        )
    ]


def _others_like(right: int) -> set[int]:
    """Three amounts as round as this one, so many of them smaller as chance will have it."""
    unit = next(unit for unit in (100_00, 10_00, 1_00, 10, 1) if right % unit == 0)
    steps = right // unit
    # How many steps below and above there are to choose from: a third to three times as much.
    below = range(max(1, steps // 3), steps)[-200:]
    above = range(steps + 1, max(3 * steps, steps + 4) + 1)[:200]
    smaller = min(secrets.randbelow(_OTHERS + 1), len(below))
    chance = secrets.SystemRandom()
    chosen = chance.sample(below, smaller) + chance.sample(above, _OTHERS - smaller)
    return {step * unit for step in chosen}


def _card(user: User) -> list[Question]:
    card = list_cards(user).order_by("-pk").first()
    if card is None:
        return []
    known = {each.last4 for each in list_cards(user)}
    others: set[str] = set()
    while len(others) < _OTHERS:
        digits = f"{secrets.randbelow(10_000):04d}"
        if digits not in known:
            others.add(digits)
    return [
        Question(
            key="card",
            text=str(_("How does the number of a linked card end?")),
            right=card.last4,
            wrong=sorted(others),
        )
    ]
