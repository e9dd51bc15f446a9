"""A wallet with a long history, for measuring how lists behave.

Written straight into the tables of payments and search words, settled, without entries in the
books: only what lists read. Never beside tests that prove the books.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction

from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.processing.words import keep_words, words_of
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


def write_history_in_sql(*, wallet: Wallet, other: Wallet, count: int, until: datetime) -> None:
    """The same on PostgreSQL, where the database itself writes a million rows in a minute."""
    with connection.cursor() as cursor:
        # The site's limit is for pages; this connection does nothing else.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_PAYMENTS, [
            wallet.pk, other.pk, wallet.owner_id, other.owner_id, wallet.currency, RARE_NOTE,
            list(NOTES), len(NOTES), until, count,
        ])  # fmt: skip
        for note in {*NOTES, RARE_NOTE}:
            words = sorted(words_of(f"林* {note}"))
            for side in ("payer", "payee"):
                cursor.execute(_WORDS.format(side=side), [wallet.pk, words, note])


_PAYMENTS = """
INSERT INTO payments_payment (
    public_id, reference, kind, state, payer_wallet_id, payee_wallet_id, amount_minor, currency,
    note, counterparty_label, payer_label, payee_typed, is_first_to_payee, delay_seconds,
    created_by_id, compose_key, input_digest, created_at, expires_at, confirmed_at, succeeded_at,
    failure_code, failure_params)
SELECT gen_random_uuid(), upper(substr(md5(given.payer || ':' || given.payee || ':' || number), 1, 12)),
    'transfer', 'succeeded',
    CASE WHEN number %% 2 = 0 THEN payer ELSE payee END,
    CASE WHEN number %% 2 = 0 THEN payee ELSE payer END,
    100 + number %% 900, currency,
    CASE WHEN number %% 1000 = 999 THEN rare ELSE notes[1 + number %% many] END,
    CASE WHEN number %% 2 = 0 THEN '林*' ELSE '陈*' END,
    CASE WHEN number %% 2 = 0 THEN '陈*' ELSE '林*' END,
    '', false, 0, CASE WHEN number %% 2 = 0 THEN owner ELSE other END, gen_random_uuid(), '-',
    at, at, at, at, '', '{}'
FROM (SELECT %s::bigint AS payer, %s::bigint AS payee, %s::bigint AS owner, %s::bigint AS other,
             %s AS currency, %s AS rare, %s::text[] AS notes, %s::int AS many,
             %s::timestamptz AS until, %s::int AS amount) AS given,
     generate_series(amount - 1, 0, -1) AS number,
     LATERAL (SELECT until - number * interval '10 minutes' AS at) AS clock
"""
_WORDS = """
INSERT INTO payments_searchword (wallet_id, word, payment_id)
SELECT wallet, word, payment.id
FROM (SELECT %s::bigint AS wallet, %s::text[] AS words) AS given, unnest(words) AS word,
     payments_payment AS payment
WHERE payment.{side}_wallet_id = wallet AND payment.note = %s
ON CONFLICT DO NOTHING
"""


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
