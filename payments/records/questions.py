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
    others: set[int] = set()
    while len(others) < _OTHERS:
        # Between a third and three times as much, as round as the right one is.
        unit = 100 if right % 100 == 0 and right >= 1_000 else 1
        other = max(unit, (right * (33 + secrets.randbelow(268)) // 100) // unit * unit)
        if other == right:
            other += unit * (1 + secrets.randbelow(9))
        others.add(other)
    return [
        Question(
            key=f"last.{kind}",
            text=str(text),
            right=amount_text(right, wallet.currency),
            wrong=[amount_text(other, wallet.currency) for other in others],
        )
    ]


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
