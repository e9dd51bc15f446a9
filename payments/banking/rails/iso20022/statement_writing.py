"""Writing camt.053 and camt.054 files, as the simulated bank does."""

from __future__ import annotations

from datetime import date, datetime

from payments.banking.rails.iso20022.documents import CAMT_053, Element, child
from payments.banking.rails.iso20022.statements import CREDIT, Row, Statement
from payments.banking.rails.iso20022.texts import amount_text
from payments.banking.rails.iso20022.writing import new_document, put, to_bytes

ROOTS = {"camt.053": ("BkToCstmrStmt", "Stmt"), "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}


def build_statement(statement: Statement, *, message_id: str, created_at: datetime) -> bytes:
    """The file of one statement or notice, valid against the schema."""
    root, name = ROOTS[statement.kind[:8]]
    document = new_document(statement.kind, root)
    put(document.body, "GrpHdr/MsgId", message_id)
    made = created_at.isoformat(timespec="seconds")
    put(child(document.body, "GrpHdr"), "CreDtTm", made)
    element = put(document.body, name)
    put(element, "Id", statement.identification)
    if statement.sequence is not None:
        put(element, "ElctrncSeqNb", str(statement.sequence))
    put(element, "CreDtTm", made)
    put(element, "Acct/Id/Othr/Id", statement.account)
    put(child(element, "Acct"), "Ccy", statement.currency)
    if statement.kind == CAMT_053:
        day = statement.closed_on or created_at.date()
        _put_balance(element, "OPBD", statement.opening_minor or 0, statement.currency, day)
        _put_balance(element, "CLBD", statement.closing_minor or 0, statement.currency, day)
    for row in statement.rows:
        _put_entry(element, row)
    return to_bytes(document)


def _put_balance(element: Element, code: str, minor: int, currency: str, day: date) -> None:
    balance = put(element, "Bal")
    put(balance, "Tp/CdOrPrtry/Cd", code)
    put(balance, "Amt", amount_text(abs(minor)), Ccy=currency)
    put(balance, "CdtDbtInd", "CRDT" if minor >= 0 else "DBIT")
    put(balance, "Dt/Dt", day.isoformat())


def _put_entry(element: Element, row: Row) -> None:
    entry = put(element, "Ntry")
    put(entry, "NtryRef", str(row.number))
    put(entry, "Amt", amount_text(row.amount_minor), Ccy=row.currency)
    put(entry, "CdtDbtInd", "CRDT" if row.direction == CREDIT else "DBIT")
    put(entry, "Sts/Cd", "BOOK" if row.is_booked else "PDNG")
    if row.booked_on:
        put(entry, "BookgDt/Dt", row.booked_on.isoformat())
    if row.bank_reference:
        put(entry, "AcctSvcrRef", row.bank_reference)
    family = put(entry, "BkTxCd/Domn")
    put(family, "Cd", "PMNT")
    put(family, "Fmly/Cd", "RCDT" if row.direction == CREDIT else "ICDT")
    put(child(family, "Fmly"), "SubFmlyCd", "RRTN" if row.is_return else "DMCT")
    detail = put(entry, "NtryDtls/TxDtls")
    refs = put(detail, "Refs")
    if row.bank_reference:
        put(refs, "AcctSvcrRef", row.bank_reference)
    put(refs, "EndToEndId", row.end_to_end_id or "NOTPROVIDED")
    put(detail, "Amt", amount_text(row.amount_minor), Ccy=row.currency)
    _put_other_side(detail, row)
    if row.remittance:
        put(detail, "RmtInf/Ustrd", row.remittance[:140])
    if row.return_reason:
        put(detail, "RtrInf/Rsn/Cd", row.return_reason)


def _put_other_side(detail: Element, row: Row) -> None:
    if not (row.other_name or row.other_account):
        return
    side = "Dbtr" if row.direction == CREDIT else "Cdtr"
    parties = put(detail, "RltdPties")
    if row.other_name:
        put(parties, f"{side}/Pty/Nm", row.other_name)
    if row.other_account:
        put(parties, f"{side}Acct/Id/Othr/Id", row.other_account)
