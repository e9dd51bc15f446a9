"""What an operator watches of the files and of the proof; each figure reads a partial index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Sum

from payments.banking.reconciliation.models import BankFile, FileOrder
from payments.banking.reconciliation.selectors import find_statement, unresolved_cases
from payments.banking.reconciliation.states import FileDirection, FileOrderState, FileState


@dataclass(frozen=True, slots=True)
class Figures:
    """Amounts in minor units; a moment is None where there is nothing."""

    unresolved: int
    at_risk_minor: int
    oldest_case_at: datetime | None
    oldest_waiting_order_at: datetime | None
    files_not_placed: int
    newest_statement_at: datetime | None


def reconciliation_figures() -> Figures:
    """Cases that somebody has to look at, and whether files move."""
    cases = unresolved_cases().aggregate(
        count=Count("pk"), total=Sum("at_risk_minor"), oldest=Min("opened_at")
    )
    waiting = FileOrder.objects.filter(state=FileOrderState.WAITING)
    unplaced = BankFile.objects.filter(
        direction=FileDirection.OUT, state=FileState.PREPARED
    ).count()
    statement = find_statement()
    return Figures(
        unresolved=cases["count"],
        at_risk_minor=int(cases["total"] or 0),
        oldest_case_at=cases["oldest"],
        oldest_waiting_order_at=waiting.aggregate(oldest=Min("received_at"))["oldest"],
        files_not_placed=unplaced,
        newest_statement_at=statement.imported_at if statement else None,
    )
