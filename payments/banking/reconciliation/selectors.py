"""Reading files, statements and cases."""

from __future__ import annotations

import json
from datetime import date

from django.conf import settings
from django.db.models import QuerySet, Sum

from accounts.identity.vault import decrypt
from payments.banking.models import BankOrder
from payments.banking.reconciliation.models import (
    BankFile,
    BankStatement,
    FileOrder,
    ReconciliationCase,
    StatementEntry,
)
from payments.banking.reconciliation.states import FINAL_ORDER_STATES, UNRESOLVED, FileDirection
from payments.banking.reconciliation.words import FACT_LABELS, FACT_VALUES, Text
from payments.banking.states import OPEN_STATES
from payments.wallets.amounts import amount_text

_DETAILS = ("name", "account", "remittance")


def find_file_order(reference: str) -> FileOrder | None:
    """The order that the file rail took in under this reference."""
    return FileOrder.objects.filter(reference=reference).first()


def files_to_work_out() -> QuerySet[BankFile]:
    """Files from the bank whose rows are not all decided."""
    return BankFile.objects.filter(direction=FileDirection.IN, worked_out_at=None)


def list_waiting_entry_ids() -> list[int]:
    """Rows of statements that nothing was decided about: what goes out before what comes in, so
    that a payment stands before its return."""
    waiting = StatementEntry.objects.filter(statement__file__in=files_to_work_out(), outcome=None)
    return list(
        waiting.order_by("-direction", "is_return", "statement_id", "number").values_list(
            "pk", flat=True
        )
    )


def list_unheard_references() -> list[str]:
    """Orders that the files have answered finally and whose bank order has not heard of it."""
    waiting = BankOrder.objects.filter(state__in=OPEN_STATES).values("reference")
    answered = FileOrder.objects.filter(state__in=FINAL_ORDER_STATES, reference__in=waiting)
    return list(answered.values_list("reference", flat=True))


def find_order_by_reference(reference: str) -> BankOrder | None:
    """The bank order with this reference at the bank."""
    return BankOrder.objects.filter(reference=reference).first() if reference else None


def find_order_by_bank_reference(bank_reference: str) -> BankOrder | None:
    """The one bank order that the bank calls this; None when there are several."""
    if not bank_reference:
        return None
    found = list(BankOrder.objects.filter(bank_reference=bank_reference)[:2])
    return found[0] if len(found) == 1 else None


def read_details(entry: StatementEntry) -> dict[str, str]:
    """Name, account and remittance text of the other side, in clear: for staff with a case."""
    if not entry.details_token:
        return dict.fromkeys(_DETAILS, "")
    details: dict[str, str] = json.loads(decrypt(entry.details_token))
    return details


def find_statement(*, closed_on: date | None = None) -> BankStatement | None:
    """The newest statement of our account, or the one of a day."""
    statements = BankStatement.objects.filter(
        account=settings.BANK_FILES["account"], kind="camt.053"
    )
    if closed_on is not None:
        statements = statements.filter(closed_on=closed_on)
    return statements.order_by("closed_on", "sequence", "pk").last()


def unresolved_cases() -> QuerySet[ReconciliationCase]:
    """What somebody has to look at, the oldest first."""
    return ReconciliationCase.objects.filter(state__in=UNRESOLVED)


def at_risk_minor() -> int:
    """The money that hangs on unresolved cases, in minor units of the wallet's currency."""
    total = (
        unresolved_cases()
        .filter(currency__in=("", settings.WALLET_CURRENCY))
        .aggregate(total=Sum("at_risk_minor"))["total"]
    )
    return int(total or 0)


def case_details(case: ReconciliationCase) -> dict[str, str]:
    """The other side of the row that a case is about, in clear; empty when it is about none."""
    outcome = case.outcomes.select_related("entry").first()
    return read_details(outcome.entry) if outcome else dict.fromkeys(_DETAILS, "")


def shown_facts(case: ReconciliationCase) -> list[tuple[Text, str]]:
    """The facts of a case for a page: label and value, amounts with their sign."""
    shown: list[tuple[Text, str]] = []
    for name, value in case.facts.items():
        label = FACT_LABELS.get(name, name)
        if name.endswith("_minor"):
            shown.append((label, amount_text(value, case.currency or settings.WALLET_CURRENCY)))
        elif name in FACT_VALUES:
            shown.append((label, str(FACT_VALUES[name].get(value, value))))
        else:
            shown.append((label, str(value)))
    return shown
