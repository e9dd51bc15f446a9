"""What callers hand to the books and get back: small frozen values, no database rows.

All amounts are whole minor units (`_minor`) of the accounts' currency.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.errors import BadPosting

KEY_LENGTH = 200
EVENT_LENGTH = 100
NOTE_LENGTH = 500
# Far above any sum of money, far below what the 64-bit counters can add up.
MOST_MINOR = 10**15

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class AccountKind(models.TextChoices):
    """What an account stands for; decides which side raises it."""

    ASSET = "asset", _("Asset")
    LIABILITY = "liability", _("Liability")
    INCOME = "income", _("Income")
    EXPENSE = "expense", _("Expense")
    EQUITY = "equity", _("Equity")

    @property
    def is_debit_normal(self) -> bool:
        """True where a debit raises the balance (assets, expenses)."""
        return self in (AccountKind.ASSET, AccountKind.EXPENSE)


DEBIT_NORMAL = (AccountKind.ASSET, AccountKind.EXPENSE)
CREDIT_NORMAL = (AccountKind.LIABILITY, AccountKind.INCOME, AccountKind.EQUITY)


class AccountHotness(models.TextChoices):
    """Whether increases wait in a queue of their own.

    HOT is for accounts that everybody pays into (a merchant, fees, a clearing account): their
    increases are appended and folded into the counters later, so that payers do not queue for
    one row. A hot account has no balance cap: an append cannot look at the sum.
    """

    NORMAL = "normal", _("Normal")
    HOT = "hot", _("Hot")


class Posting(NamedTuple):
    """One pair: `amount_minor` (> 0) is debited to one account and credited to another."""

    debit: int
    credit: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """One business event to book: all of its postings or none of them."""

    key: str
    event: str
    postings: Sequence[Posting]
    note: str = ""
    reverses_id: int | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A booked entry. `is_replay`: the same request was booked before; this is that first entry."""

    id: int
    key: str
    event: str
    note: str
    created_at: datetime
    reverses_id: int | None = None
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's money on its normal side, in minor units.

    posted_minor: what has been booked. pending_minor: what holds reserve of it, still there but
    promised. available_minor: posted less pending; what may be spent now.
    """

    posted_minor: int
    pending_minor: int
    available_minor: int


def check_text(value: str, *, name: str, most: int, least: int = 1) -> None:
    """Refuse text that a column cannot keep (too long, NUL). Raises BadPosting."""
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise BadPosting(f"{name} must have {least} to {most} characters")
    if "\x00" in value:
        raise BadPosting(f"{name} must not contain NUL")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadPosting(f"{name} must be text that UTF-8 can write") from None


def check_amount(amount_minor: int) -> None:
    """Refuse what is no amount: not an int, not positive, absurdly large. Raises BadPosting."""
    if type(amount_minor) is not int or not 0 < amount_minor <= MOST_MINOR:
        raise BadPosting("an amount is a whole number of minor units above zero")


def check_draft(draft: EntryDraft) -> None:
    """Refuse a draft that is wrong in itself, before any database is asked. Raises BadPosting."""
    check_text(draft.key, name="key", most=KEY_LENGTH)
    check_text(draft.event, name="event", most=EVENT_LENGTH)
    check_text(draft.note, name="note", most=NOTE_LENGTH, least=0)
    if not draft.postings:
        raise BadPosting("an entry needs at least one posting")
    for debit, credit, amount_minor in draft.postings:
        check_amount(amount_minor)
        if debit == credit:
            raise BadPosting("a posting moves value between two different accounts")


def digest_of(*parts: object) -> str:
    """SHA-256 (hex) over the JSON of `parts`: equal input, equal digest, on every engine."""
    return hashlib.sha256(_encode(parts).encode("ascii")).hexdigest()


def draft_digest(draft: EntryDraft) -> str:
    """The digest of everything a draft says except its key."""
    return digest_of(draft.event, draft.note, draft.reverses_id, draft.postings)
