"""camt.053 and camt.054: what moved on our account at the bank.

A statement must add up before anybody looks at its rows: opening balance and booked entries give
the closing balance, the parts of a bundled entry give the entry, and a summary says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from payments.banking.rails.iso20022.documents import (
    CAMT_053,
    Document,
    DocumentRefused,
    Element,
    account_of,
    amount_of,
    child,
    children,
    each,
    text,
)
from payments.banking.rails.iso20022.texts import parse_amount

BOOKED = "BOOK"
CREDIT, DEBIT = "credit", "debit"
# Sub-families of bank transaction codes that are returns and rejects (ISO 20022 external list).
RETURNS = frozenset({"RRTN", "PRTN", "URTN", "RJCT", "RPCR"})
NOT_PROVIDED = "NOTPROVIDED"


@dataclass(frozen=True, slots=True)
class Row:
    """One movement. A bundled entry gives one row for each of its parts.

    `number` counts the rows of the statement. Name, account and remittance are in clear: never
    log this object.
    """

    number: int
    direction: str
    amount_minor: int
    currency: str
    is_booked: bool
    is_return: bool = False
    return_reason: str = ""
    end_to_end_id: str = ""
    bank_reference: str = ""
    booked_on: date | None = None
    other_name: str = ""
    other_account: str = ""
    remittance: str = ""

    def __repr__(self) -> str:
        return f"Row({self.number})"

    @property
    def signed_minor(self) -> int:
        """More on our account is positive."""
        return self.amount_minor if self.direction == CREDIT else -self.amount_minor


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement (camt.053), or a notice of movements (camt.054), which has no balances."""

    kind: str
    identification: str
    account: str
    currency: str
    rows: Sequence[Row]
    sequence: int | None = None
    opening_minor: int | None = None
    closing_minor: int | None = None
    closed_on: date | None = None

    @property
    def booked_minor(self) -> int:
        """What all booked rows together did to the account."""
        return sum(row.signed_minor for row in self.rows if row.is_booked)


def read_statements(document: Document) -> list[Statement]:
    """The statements in a document that was read.

    Raises DocumentRefused with "paged" (a part of a longer statement), "amount", "date",
    "currency", "balances" (missing or twice) or "totals" (it does not add up).
    """
    _refuse_pages(document.body, "GrpHdr/MsgPgntn")
    is_statement = document.kind == CAMT_053
    name = "Stmt" if is_statement else "Ntfctn"
    return [
        _statement(document.kind, element, name, has_balances=is_statement)
        for element in children(document.body, name)
    ]


def _refuse_pages(element: Element, path: str) -> None:
    page = child(element, path)
    if page is None:
        return
    is_whole = int(text(page, "PgNb")) == 1 and text(page, "LastPgInd") in ("true", "1")
    if not is_whole:
        raise DocumentRefused("paged", path)


def _statement(kind: str, element: Element, name: str, *, has_balances: bool) -> Statement:
    _refuse_pages(element, f"{name}Pgntn")
    rows: list[Row] = []
    for entry in children(element, "Ntry"):
        rows += _rows(entry, first_number=len(rows) + 1)
    opening = closing = closed_on = None
    currency = text(element, "Acct/Ccy")
    if has_balances:
        opening, currency, _on = _balance(element, ("OPBD", "PRCD"), currency)
        closing, currency, closed_on = _balance(element, ("CLBD",), currency)
    statement = Statement(
        kind=kind,
        identification=text(element, "Id"),
        account=account_of(element, "Acct"),
        currency=currency or (rows[0].currency if rows else ""),
        rows=rows,
        sequence=int(Decimal(number)) if (number := text(element, "ElctrncSeqNb")) else None,
        opening_minor=opening,
        closing_minor=closing,
        closed_on=closed_on,
    )
    _check_totals(statement, element)
    return statement


def _balance(element: Element, codes: Sequence[str], currency: str) -> tuple[int, str, date | None]:
    """The balance of the first of these types that is given: minor units, currency, day."""
    for code in codes:
        found = [each for each in children(element, "Bal") if _code(each) == code]
        if len(found) > 1:
            raise DocumentRefused("balances", f"{code} twice")
        if found:
            amount_minor, its_currency = amount_of(child(found[0], "Amt"))
            if currency and its_currency != currency:
                raise DocumentRefused("currency", code)
            sign = 1 if text(found[0], "CdtDbtInd") == "CRDT" else -1
            return sign * amount_minor, its_currency, _day(found[0], "Dt")
    raise DocumentRefused("balances", f"{codes[0]} missing")


def _code(balance: Element) -> str:
    return text(balance, "Tp/CdOrPrtry/Cd")


def _check_totals(statement: Statement, element: Element) -> None:
    if any(row.currency != statement.currency for row in statement.rows):
        raise DocumentRefused("currency", "Ntry")
    if statement.opening_minor is not None and statement.closing_minor is not None:
        gap = statement.closing_minor - statement.opening_minor - statement.booked_minor
        if gap:
            raise DocumentRefused("totals", f"off by {gap} minor units")
    count = text(element, "TxsSummry/TtlNtries/NbOfNtries")
    if count and int(count) != len(children(element, "Ntry")):
        raise DocumentRefused("totals", "NbOfNtries")
    total = text(element, "TxsSummry/TtlNtries/Sum")
    if total and _minor(total) != sum(
        amount_of(child(entry, "Amt"))[0] for entry in children(element, "Ntry")
    ):
        raise DocumentRefused("totals", "Sum")


def _minor(decimal: str) -> int:
    try:
        return parse_amount(decimal)
    except ValueError:
        raise DocumentRefused("amount", "Sum") from None


def _rows(entry: Element, *, first_number: int) -> list[Row]:
    """The rows of one entry: one, or one for each part when it bundles several."""
    parts = list(each(entry, "NtryDtls/TxDtls"))
    amount_minor, currency = amount_of(child(entry, "Amt"))
    direction = _direction(entry)
    if len(parts) < 2:
        part = parts[0] if parts else None
        if part is not None:
            _check_part(part, amount_minor, currency)
        return [_row(entry, part, first_number, direction, amount_minor, currency)]
    rows = []
    for number, part in enumerate(parts, first_number):
        found = _part_amount(part)
        if found is None:
            # Parts that do not say how much: the whole entry is one row that nobody can match.
            return [_row(entry, None, first_number, direction, amount_minor, currency)]
        its_direction = _direction(part) if child(part, "CdtDbtInd") is not None else direction
        rows.append(_row(entry, part, number, its_direction, *found))
    whole = amount_minor if direction == CREDIT else -amount_minor
    if sum(row.signed_minor for row in rows) != whole:
        raise DocumentRefused("totals", f"entry at line {entry.sourceline}")
    return rows


def _part_amount(part: Element) -> tuple[int, str] | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        found = child(part, path)
        if found is not None:
            return amount_of(found)
    return None


def _check_part(part: Element, amount_minor: int, currency: str) -> None:
    found = child(part, "Amt")
    if found is not None and amount_of(found) != (amount_minor, currency):
        raise DocumentRefused("totals", f"entry at line {found.sourceline}")


def _direction(element: Element) -> str:
    return CREDIT if text(element, "CdtDbtInd") == "CRDT" else DEBIT


def _row(
    entry: Element,
    part: Element | None,
    number: int,
    direction: str,
    amount_minor: int,
    currency: str,
) -> Row:
    detail = entry if part is None else part
    other = "Dbtr" if direction == CREDIT else "Cdtr"
    parties = child(detail, "RltdPties")
    return_info = child(detail, "RtrInf")
    return Row(
        number=number,
        direction=direction,
        amount_minor=amount_minor,
        currency=currency,
        is_booked=(text(entry, "Sts/Cd") or text(entry, "Sts")) == BOOKED,
        is_return=return_info is not None or _reads_as_return(entry, detail),
        return_reason=""
        if return_info is None
        else text(return_info, "Rsn/Cd") or text(return_info, "Rsn/Prtry"),
        end_to_end_id=_reference(detail),
        bank_reference=text(detail, "Refs/AcctSvcrRef") or text(entry, "AcctSvcrRef"),
        booked_on=_day(entry, "BookgDt"),
        other_name="" if parties is None else _name(parties, other),
        other_account="" if parties is None else account_of(parties, f"{other}Acct"),
        remittance=_remittance(detail),
    )


def _reads_as_return(entry: Element, detail: Element) -> bool:
    if text(entry, "RvslInd") in ("true", "1"):
        return True
    codes = {text(each, "BkTxCd/Domn/Fmly/SubFmlyCd") for each in (entry, detail)}
    return not codes.isdisjoint(RETURNS)


def _reference(detail: Element) -> str:
    """The end-to-end id; the instruction's own, where a bank gives only that (ours are equal)."""
    for name in ("EndToEndId", "InstrId"):
        found = text(detail, f"Refs/{name}")
        if found and found != NOT_PROVIDED:
            return found
    return ""


def _name(parties: Element, side: str) -> str:
    return text(parties, f"{side}/Pty/Nm") or text(parties, f"{side}/Nm")


def _remittance(detail: Element) -> str:
    structured = [text(info, "CdtrRefInf/Ref") for info in each(detail, "RmtInf/Strd")]
    free = ["".join(line.itertext()).strip() for line in each(detail, "RmtInf/Ustrd")]
    return " ".join(filter(None, [*structured, *free]))[:300]


def _day(element: Element, path: str) -> date | None:
    """The day at "Dt" or "DtTm" below a path; a time zone, where one is given, is left out."""
    found = text(element, f"{path}/Dt") or text(element, f"{path}/DtTm")
    try:
        return date.fromisoformat(found[:10]) if found else None
    except ValueError:
        # The schema allows years that no calendar of ours has.
        raise DocumentRefused("date", path) from None
