"""A payment that the bank paid and got back: the wallet gets it once, by a new entry."""

from __future__ import annotations

from ledger.errors import AccountClosed, BalanceCapExceeded
from ledger.services import post_entry
from ledger.values import Posting
from payments.banking.books import clearing_account_id, returns_account_id
from payments.banking.models import BankOrder
from payments.banking.states import OrderKind


def give_back_returned(*, order: BankOrder) -> bool:
    """Book the return of a settled order; whether the wallet could take it.

    Money that no wallet can take (closed, or full), and the return of a return, stays ours to
    give: it is booked to the returns account, which staff look after. Idempotent by the order.
    Joins the caller's transaction.
    """
    wallet = order.payment.payer_wallet if order.kind == OrderKind.PAY_OUT else None
    if wallet is not None:
        try:
            _book(order, "withdrawal.returned", wallet.ledger_account_id)
            return True
        except (AccountClosed, BalanceCapExceeded):
            pass  # nothing was written
    _book(order, "withdrawal.return_parked", returns_account_id(order.currency))
    return False


def _book(order: BankOrder, event: str, credit: int) -> None:
    post_entry(
        key=f"bank_order:{order.public_id}:returned",
        event=event,
        postings=[
            Posting(
                debit=clearing_account_id(order.currency),
                credit=credit,
                amount_minor=order.amount_minor,
            )
        ],
        note=order.reference,
    )
