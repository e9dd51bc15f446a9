"""Writing statements down: ours only, whole, and in their order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.identity.vault import encrypt
from ledger.values import digest_of
from payments.banking.rails.iso20022.documents import CAMT_053, DocumentRefused
from payments.banking.rails.iso20022.statements import Row, Statement
from payments.banking.reconciliation.models import BankFile, BankStatement, StatementEntry
from payments.banking.reconciliation.services.cases import open_case
from payments.banking.reconciliation.services.orders import account_index
from payments.banking.reconciliation.states import CaseKind, FileState

STATEMENT_KIND = CAMT_053[:8]
# A statement dated later than this would be "the newest" for ever.
MOST_AHEAD = timedelta(days=31)


def check_statements(*, statements: Sequence[Statement]) -> None:
    """Raise DocumentRefused unless every statement is of our account and currency, and none that
    came before says something else now ("statement_differs")."""
    for statement in statements:
        if "".join(statement.account.split()) != settings.BANK_FILES["account"]:
            raise DocumentRefused("account", statement.kind)
        if statement.currency not in ("", settings.WALLET_CURRENCY):
            raise DocumentRefused("currency", statement.currency)
        if statement.closed_on and statement.closed_on > timezone.now().date() + MOST_AHEAD:
            raise DocumentRefused("date", "CLBD")
        known = _find(statement)
        if known is not None and known.content_digest != _digest(statement):
            raise DocumentRefused("statement_differs", f"statement {statement.identification}")
    named = [(statement.kind, statement.identification) for statement in statements]
    if len(set(named)) != len(named):
        raise DocumentRefused("statement_twice")


def store_statements(*, statements: Sequence[Statement], file: BankFile) -> None:
    """Write new statements and their rows; in the transaction that takes the file in.

    A file whose statements have all come before says nothing new.
    """
    _wait_for_others()
    new = [statement for statement in statements if _find(statement) is None]
    if not new:
        file.state = FileState.REPEATED
        file.save(update_fields=["state"])
    for statement in sorted(new, key=lambda each: each.sequence or 0):
        row = BankStatement.objects.create(
            file=file,
            kind=statement.kind[:8],
            account=settings.BANK_FILES["account"],
            identification=statement.identification,
            sequence=statement.sequence,
            currency=settings.WALLET_CURRENCY,
            opening_minor=statement.opening_minor,
            closing_minor=statement.closing_minor,
            closed_on=statement.closed_on,
            content_digest=_digest(statement),
        )
        StatementEntry.objects.bulk_create(
            [_entry(row, each) for each in statement.rows], batch_size=500
        )
        if row.kind == STATEMENT_KIND:
            _check_order(row)


def _wait_for_others() -> None:
    """One importer at a time looks at the order of statements: the account's first one is the
    door. (On SQLite the transaction itself is.)"""
    ours = BankStatement.objects.filter(account=settings.BANK_FILES["account"])
    ours.select_for_update().order_by("pk").first()


def _find(statement: Statement) -> BankStatement | None:
    return BankStatement.objects.filter(
        account=settings.BANK_FILES["account"],
        kind=statement.kind[:8],
        identification=statement.identification,
    ).first()


def _digest(statement: Statement) -> str:
    """What makes a statement that statement: everything but the message around it."""
    return digest_of(
        statement.kind[:8],
        statement.identification,
        statement.sequence,
        statement.opening_minor,
        statement.closing_minor,
        [
            [row.direction, row.amount_minor, row.is_booked, row.end_to_end_id, row.bank_reference]
            for row in statement.rows
        ],
    )


def _entry(statement: BankStatement, row: Row) -> StatementEntry:
    details = {
        "name": row.other_name,
        "account": row.other_account,
        "remittance": row.remittance,
    }
    return StatementEntry(
        statement=statement,
        number=row.number,
        direction=row.direction,
        amount_minor=row.amount_minor,
        currency=row.currency,
        is_booked=row.is_booked,
        is_return=row.is_return,
        return_reason=row.return_reason,
        end_to_end_id=row.end_to_end_id,
        bank_reference=row.bank_reference,
        booked_on=row.booked_on,
        account_index=account_index(row.other_account),
        details_token=encrypt(json.dumps(details, ensure_ascii=False))
        if any(details.values())
        else "",
    )


def _check_order(statement: BankStatement) -> None:
    """Cases for a number left out or used twice, and for balances that do not join."""
    others = BankStatement.objects.filter(account=statement.account, kind=STATEMENT_KIND).exclude(
        pk=statement.pk
    )
    number = statement.sequence
    if number is None:
        before = (
            others.filter(closed_on__lte=statement.closed_on).order_by("closed_on", "pk").last()
        )
        if before is not None:
            _check_join(before, statement)
        return
    by_day = others.order_by("closed_on", "pk")
    if by_day.filter(sequence=number, closed_on=statement.closed_on).exists():
        _order_case(statement, CaseKind.SEQUENCE_GAP, {"repeated": number})
        return
    before = by_day.filter(sequence=number - 1).last()
    after = by_day.filter(sequence=number + 1, closed_on__gte=statement.closed_on).first()
    if before is None and number == 1:
        # Numbers may begin anew with a year.
        before = by_day.filter(closed_on__lt=statement.closed_on).last()
    if before is not None:
        _check_join(before, statement)
    elif (earlier := others.filter(sequence__lt=number).order_by("sequence").last()) is not None:
        missing = f"{(earlier.sequence or 0) + 1} to {number - 1}"
        _order_case(statement, CaseKind.SEQUENCE_GAP, {"missing": missing})
    if after is not None:
        _check_join(statement, after)


def _check_join(first: BankStatement, second: BankStatement) -> None:
    if first.closing_minor == second.opening_minor:
        return
    gap = (second.opening_minor or 0) - (first.closing_minor or 0)
    _order_case(
        second,
        CaseKind.OPENING_DIFFERS,
        {
            "statement_before": first.identification,
            "closed_with_minor": first.closing_minor,
            "opens_with_minor": second.opening_minor,
        },
        at_risk_minor=gap,
    )


def _order_case(
    statement: BankStatement, kind: CaseKind, facts: dict[str, object], at_risk_minor: int = 0
) -> None:
    open_case(
        key=f"statement:{statement.pk}:{kind}",
        kind=kind,
        facts={"statement": statement.identification, "number": statement.sequence, **facts},
        at_risk_minor=at_risk_minor,
        currency=statement.currency,
        file=statement.file,
    )
