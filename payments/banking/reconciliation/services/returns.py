"""A payment that the bank paid and got back, as a statement shows it."""

from __future__ import annotations

from payments.banking.clearing import take_back
from payments.banking.models import BankOrder
from payments.banking.reasons import read_reason


def give_back_returned(*, order: BankOrder, reason: str) -> bool:
    """Book the return of a settled order, once; whether a wallet could take it.

    Money that no wallet can take (closed, or full), and the return of a return, is parked, and a
    payment case is open. `reason` is the bank's code. Joins the caller's transaction, which holds
    the order's lock.
    """
    return not take_back(order, reason=read_reason(reason)).is_parked
