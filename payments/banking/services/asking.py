"""The customer's "Ask now": the bank is asked about one payment, at once but not too often."""

from __future__ import annotations

from django.utils import timezone

from accounts.security.throttle import hit
from payments.banking.clearing import advance_order
from payments.banking.models import BankOrder
from payments.banking.selectors import find_order_of
from payments.banking.states import OPEN_STATES
from payments.processing.models import Payment


def ask_bank_now(payment: Payment) -> None:
    """Ask the bank what became of a payment on its way. Outside every transaction.

    Nothing is asked while a worker is asking. Raises TooManyRequests.
    """
    hit(action="bank.ask", payment=str(payment.public_id))
    order = find_order_of(payment.pk)
    if order is None or order.state not in OPEN_STATES:
        return
    BankOrder.objects.filter(pk=order.pk, state__in=OPEN_STATES).update(next_at=timezone.now())
    advance_order(order_id=order.pk)
