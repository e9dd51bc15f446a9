"""A wallet with a long history, for measuring how lists behave.

Written straight into the tables of payments and search words, settled, without entries in the
books: only what lists read. Never beside tests that prove the books.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.processing.words import keep_words
from payments.wallets.models import Wallet

NOTES = ("lunch", "rent", "books", "午餐", "房租", "", "", "")
# One payment of each thousand carries it.
RARE_NOTE = "kayak"
_BATCH = 2_000


def write_history(*, wallet: Wallet, other: Wallet, count: int, until: datetime) -> None:
    """`count` settled transfers between the two, every other one each way, one each ten minutes
    back from `until`."""
    for begin in range(0, count, _BATCH):
        numbers = range(begin, min(begin + _BATCH, count))
        with transaction.atomic():
            keep_words(
                Payment.objects.bulk_create(
                    _payment(wallet, other, number, until - timedelta(minutes=10 * number))
                    for number in reversed(numbers)
                )
            )


def _payment(wallet: Wallet, other: Wallet, number: int, at: datetime) -> Payment:
    is_out = number % 2 == 0
    payer, payee = (wallet, other) if is_out else (other, wallet)
    return Payment(
        kind="transfer",
        state=PaymentState.SUCCEEDED,
        payer_wallet=payer,
        payee_wallet=payee,
        amount_minor=100 + number % 900,
        currency=wallet.currency,
        note=RARE_NOTE if number % 1_000 == 999 else NOTES[number % len(NOTES)],
        counterparty_label="林*" if is_out else "陈*",
        payer_label="陈*" if is_out else "林*",
        created_by_id=payer.owner_id,
        compose_key=uuid4(),
        input_digest="-",
        created_at=at,
        expires_at=at,
        confirmed_at=at,
        succeeded_at=at,
    )
