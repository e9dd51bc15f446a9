"""The words by which payments are found again, kept beside them: a search reads an index, never a
history.

Letters and digits: every beginning of a word, up to twelve characters ("lun" finds "lunch").
Chinese and the like, which has no spaces: every character and every two that stand together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from payments.processing.models import Payment, SearchWord

LONGEST = 12
_RUN = re.compile(r"[^\W_]+")
# Scripts that are written without spaces: CJK with its extensions, kana, hangul.
_UNSPACED = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_SPLIT = re.compile(f"({_UNSPACED.pattern}+)")


def fold(text: str) -> str:
    """Text as it is compared: full-width and capital letters are like the others."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(text: str) -> set[str]:
    """Every word under which a text is kept."""
    found: set[str] = set()
    for run, is_unspaced in _runs(text):
        if is_unspaced:
            found |= set(run) | _pairs(run)
        else:
            found |= {run[:length] for length in range(1, min(len(run), LONGEST) + 1)}
    return found


def asked_words(text: str) -> list[str]:
    """The words to look up for what somebody typed; all of them must be there."""
    found: set[str] = set()
    for run, is_unspaced in _runs(text):
        if is_unspaced:
            found |= _pairs(run) or {run}
        else:
            found.add(run[:LONGEST])
    return sorted(found, key=lambda word: (-len(word), word))


def keep_words(payments: Iterable[Payment]) -> None:
    """Write down the words of payments for both sides; again is fine. Joins the transaction."""
    rows = [
        SearchWord(wallet_id=wallet_id, word=word, payment_id=payment.pk)
        for payment in payments
        for wallet_id, words in seen_words(payment)
        for word in words
    ]
    SearchWord.objects.bulk_create(rows, batch_size=2_000, ignore_conflicts=True)


def seen_words(payment: Payment) -> list[tuple[int, list[str]]]:
    """For each side's wallet, the words of what that side sees of a payment."""
    sides = []
    if payment.payer_wallet_id is not None:
        sides.append((payment.payer_wallet_id, payment.counterparty_label))
    if payment.payee_wallet_id is not None:
        label = payment.payer_label if payment.payer_wallet_id else payment.counterparty_label
        sides.append((payment.payee_wallet_id, label))
    return [(wallet_id, sorted(words_of(f"{label} {payment.note}"))) for wallet_id, label in sides]


def _runs(text: str) -> list[tuple[str, bool]]:
    """Runs of letters and digits, each with whether its script goes without spaces."""
    return [
        (part, _UNSPACED.match(part) is not None)
        for run in _RUN.findall(fold(text))
        for part in _SPLIT.split(run)
        if part
    ]


def _pairs(run: str) -> set[str]:
    return {run[place : place + 2] for place in range(len(run) - 1)}
