"""pain.001: a batch of payments, ordered from the bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from payments.banking.rails.iso20022.documents import (
    PAIN_001,
    Document,
    Element,
    account_of,
    amount_of,
    child,
    each,
    text,
)
from payments.banking.rails.iso20022.texts import MOST_NAME, amount_text, clean_text
from payments.banking.rails.iso20022.writing import new_document, put, to_bytes

# The clearing system of China in ISO's external code list.
CLEARING_SYSTEM = "CNAPS"


@dataclass(frozen=True, slots=True)
class Party:
    """A side of a payment: name, account number, its bank's clearing code (12 digits) or ""."""

    name: str
    account: str
    clearing_code: str = ""

    def __repr__(self) -> str:
        return "Party(...)"


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One payment of a batch."""

    end_to_end_id: str
    amount_minor: int
    currency: str
    creditor: Party


@dataclass(frozen=True, slots=True)
class Batch:
    """What one file orders: one day, one account of ours, many payments."""

    message_id: str
    created_at: datetime
    execute_on: date
    debtor: Party
    transfers: Sequence[CreditTransfer]

    @property
    def control_sum_minor(self) -> int:
        """The sum of all amounts."""
        return sum(transfer.amount_minor for transfer in self.transfers)


def build_credit_transfers(batch: Batch) -> bytes:
    """The file for a batch, valid against the schema. Raises DocumentRefused("schema")."""
    document = new_document(PAIN_001, "CstmrCdtTrfInitn")
    header = put(document.body, "GrpHdr")
    put(header, "MsgId", batch.message_id)
    put(header, "CreDtTm", batch.created_at.isoformat(timespec="seconds"))
    _put_totals(header, batch)
    put(header, "InitgPty/Nm", clean_text(batch.debtor.name, most=MOST_NAME))
    payment = put(document.body, "PmtInf")
    put(payment, "PmtInfId", batch.message_id)
    put(payment, "PmtMtd", "TRF")
    put(payment, "BtchBookg", "false")
    _put_totals(payment, batch)
    put(payment, "ReqdExctnDt/Dt", batch.execute_on.isoformat())
    put(payment, "Dbtr/Nm", clean_text(batch.debtor.name, most=MOST_NAME))
    put(payment, "DbtrAcct/Id/Othr/Id", batch.debtor.account)
    _put_bank(put(payment, "DbtrAgt/FinInstnId"), batch.debtor)
    # We bear the charges: the whole amount arrives.
    put(payment, "ChrgBr", "DEBT")
    for transfer in batch.transfers:
        _put_transfer(payment, transfer)
    return to_bytes(document)


def _put_totals(element: Element, batch: Batch) -> None:
    put(element, "NbOfTxs", str(len(batch.transfers)))
    put(element, "CtrlSum", amount_text(batch.control_sum_minor))


def _put_bank(institution: Element, party: Party) -> None:
    if party.clearing_code:
        put(institution, "ClrSysMmbId/ClrSysId/Cd", CLEARING_SYSTEM)
        put(child(institution, "ClrSysMmbId"), "MmbId", party.clearing_code)
    else:
        put(institution, "Othr/Id", "NOTPROVIDED")


def _put_transfer(payment: Element, transfer: CreditTransfer) -> None:
    info = put(payment, "CdtTrfTxInf")
    put(info, "PmtId/InstrId", transfer.end_to_end_id)
    put(child(info, "PmtId"), "EndToEndId", transfer.end_to_end_id)
    put(info, "Amt/InstdAmt", amount_text(transfer.amount_minor), Ccy=transfer.currency)
    if transfer.creditor.clearing_code:
        _put_bank(put(info, "CdtrAgt/FinInstnId"), transfer.creditor)
    put(info, "Cdtr/Nm", clean_text(transfer.creditor.name, most=MOST_NAME))
    put(info, "CdtrAcct/Id/Othr/Id", transfer.creditor.account)


def read_credit_transfers(document: Document) -> Batch:
    """The batch in a file that was read; for the simulated bank. Raises DocumentRefused."""
    payment = child(document.body, "PmtInf")
    return Batch(
        message_id=text(document.body, "GrpHdr/MsgId"),
        created_at=datetime.fromisoformat(text(document.body, "GrpHdr/CreDtTm")),
        execute_on=date.fromisoformat(text(payment, "ReqdExctnDt/Dt")),
        debtor=_party(payment, "Dbtr"),
        transfers=[_transfer(info) for info in each(payment, "CdtTrfTxInf")],
    )


def _transfer(info: Element) -> CreditTransfer:
    amount_minor, currency = amount_of(child(info, "Amt/InstdAmt"))
    return CreditTransfer(
        end_to_end_id=text(info, "PmtId/EndToEndId"),
        amount_minor=amount_minor,
        currency=currency,
        creditor=_party(info, "Cdtr"),
    )


def _party(element: Element, name: str) -> Party:
    return Party(
        name=text(element, f"{name}/Nm"),
        account=account_of(element, f"{name}Acct"),
        clearing_code=text(element, f"{name}Agt/FinInstnId/ClrSysMmbId/MmbId"),
    )
