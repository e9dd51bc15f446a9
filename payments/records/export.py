"""Records as a file for spreadsheets, line by line: however long the history, no list of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import islice

from django.utils import timezone
from django.utils.translation import get_language, gettext, override, pgettext

from accounts.users.models import User
from ledger.money import Money
from payments.processing.models import Payment
from payments.processing.spreadsheets import BOM, csv_line
from payments.records.branches import wallet_ids_of
from payments.records.criteria import Criteria
from payments.records.lines import Line, to_line
from payments.records.selectors import walk

# So many lines are sent in one piece.
PIECE = 200


def write_csv(user: User, criteria: Criteria) -> Iterator[str]:
    """The records that fit, newest first, in pieces of a few hundred lines.

    In the language and the time zone that are active now, however much later a piece is made.
    Amounts are positive; a column says which way they went.
    """
    return _pieces(user, criteria, get_language() or "", timezone.get_current_timezone())


def _pieces(user: User, criteria: Criteria, language: str, zone: tzinfo) -> Iterator[str]:
    mine = set(wallet_ids_of(user))
    payments = walk(user, criteria)
    with override(language):
        head = BOM + csv_line(_header())
    yield head
    while piece := list(islice(payments, PIECE)):
        with override(language), timezone.override(zone):
            text = "".join(_lines(piece, mine))
        yield text


def _header() -> list[str]:
    return [
        gettext("Time"),
        gettext("Direction"),
        gettext("Kind"),
        gettext("Other side"),
        gettext("Amount"),
        gettext("Currency"),
        gettext("State"),
        gettext("Note"),
        gettext("Reference"),
    ]


def _lines(payments: Iterable[Payment], mine: set[int]) -> Iterator[str]:
    for payment in payments:
        line = to_line(payment, mine)
        yield csv_line(_cells(line))


def _cells(line: Line) -> list[str]:
    payment = line.payment
    way = pgettext("direction", "In") if line.is_incoming else pgettext("direction", "Out")
    return [
        timezone.localtime(line.moment).strftime("%Y-%m-%d %H:%M:%S"),
        way,
        str(line.title),
        line.party,
        str(Money(payment.amount_minor, payment.currency)),
        payment.currency,
        payment.get_state_display(),
        payment.note,
        payment.spaced_reference,
    ]
