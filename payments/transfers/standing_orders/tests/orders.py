"""Short cuts of these tests: an order written down, and one in force."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

from accounts.users.models import User
from payments.transfers.standing_orders.composing import Timing, authorise_order, compose_order
from payments.transfers.standing_orders.models import StandingOrder
from tests.cast import PAYMENT_PASSWORD

# 10:00 in Shanghai.
NOW = datetime(2027, 1, 20, 2, 0, tzinfo=UTC)


def compose(
    payer: User,
    payee: User,
    repeats: str = "monthly",
    start: str = "2027-01-31",
    at: str = "09:00",
    amount: str = "10.00",
    **changes: Any,
) -> StandingOrder:
    """On its check page."""
    key = changes.pop("compose_key", None) or uuid4()
    note = changes.pop("note", "")
    return compose_order(
        user=payer,
        payee_text=str(payee.phone),
        amount_text=amount,
        note=note,
        timing=Timing(repeats, date.fromisoformat(start), time.fromisoformat(at), **changes),
        compose_key=key,
    )


def in_force(payer: User, payee: User, *args: Any, **changes: Any) -> StandingOrder:
    """Authorised."""
    order = compose(payer, payee, *args, **changes)
    return authorise_order(order=order, raw_payment_password=PAYMENT_PASSWORD)


def runs_of(order: StandingOrder) -> list[tuple[str, str, str]]:
    """Date, state and reason of each, oldest first."""
    rows = order.runs.order_by("due_on")
    return [(run.due_on.isoformat(), run.state, run.reason) for run in rows]
