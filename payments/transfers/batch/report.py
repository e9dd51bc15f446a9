"""Files for spreadsheets: the template to fill in, and what became of each line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ledger.money import Money
from payments.processing.references import spaced
from payments.processing.spreadsheets import BOM, csv_line
from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.problems import reason_text
from payments.transfers.batch.selectors import list_lines
from payments.wallets.numbers import spaced_number


def template_csv() -> str:
    """A header and one example line, in the language of the page."""
    header = [
        pgettext("column of a file", "payee"),
        pgettext("column of a file", "amount"),
        pgettext("column of a file", "note"),
        pgettext("column of a file", "name"),
    ]
    return _write([header, ["138 0013 8000", "12.50", _("lunch"), ""]])


def result_csv(batch: TransferBatch) -> str:
    """Every line with its outcome, its reason and the reference of its payment."""
    rows = [
        [
            _("Line"),
            _("Phone or wallet number"),
            _("Payee"),
            _("Amount"),
            _("Note"),
            _("Result"),
            _("Reason"),
            _("Reference"),
        ]
    ]
    for line in list_lines(batch):
        amount = line.amount_minor
        rows.append(
            [
                str(line.number),
                spaced_number(line.payee_key),
                line.payee_label,
                "" if amount is None else str(Money(amount, batch.currency)),
                line.note,
                str(line.get_outcome_display()),
                reason_text(line),
                spaced(line.payment.reference) if line.payment and line.outcome == "paid" else "",
            ]
        )
    return _write(rows)


def _write(rows: Iterable[Sequence[str]]) -> str:
    return BOM + "".join(csv_line(row) for row in rows)
