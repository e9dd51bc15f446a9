"""Figures that are computed from rows when somebody asks: true for the whole installation.

Each is cheap at any size: running totals, partial indexes, bounded counts. Every host answers the
same, so add them up over hosts with `max`, not `sum` (docs/how-to/watch.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import Error as DatabaseError
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from accounts.cases.figures import waiting_cases
from accounts.cases.states import OUR_TURN, CaseState
from accounts.phone.figures import (
    attempts_by_provider,
    due_messages,
    open_alarms,
    recent_messages,
    resting_providers,
)
from accounts.phone.states import SmsState
from ledger.figures import book_figures
from payments.banking.figures import open_orders
from payments.banking.reconciliation.figures import reconciliation_figures
from payments.banking.states import OPEN_STATES
from payments.processing.figures import list_pending, oldest_overdue_arrival
from payments.processing.tally import list_outcomes
from walletsite.observability.queue import waiting_wake_ups

logger = logging.getLogger(__name__)


class RowFigures:
    """A collector of prometheus_client. What cannot be read is left out, and said so."""

    def collect(self) -> Iterator[Metric]:
        """All families; `wallet_figures_readable` is 0 when the rows could not be read."""
        now = timezone.now()
        is_readable = True
        for read in _FAMILIES:
            try:
                yield from list(read(now))
            except DatabaseError as error:
                logger.warning("figures: %s failed (%s)", read.__name__, type(error).__name__)
                is_readable = False
                break
        yield GaugeMetricFamily(
            "wallet_figures_readable",
            "1 when the figures that come from rows could be read.",
            value=float(is_readable),
        )


def payments(now: datetime) -> Iterator[Metric]:
    """Payments since the beginning."""
    counted = CounterMetricFamily(
        "wallet_payments", "Payments by kind that reached a state.", labels=["kind", "outcome"]
    )
    moved = CounterMetricFamily(
        "wallet_payments_amount_minor",
        "Amounts of payments by kind that reached a state, in minor units.",
        labels=["kind", "outcome"],
    )
    failed = CounterMetricFamily(
        "wallet_payments_failed", "Failed payments by kind and reason.", labels=["kind", "code"]
    )
    sums: dict[tuple[str, str], list[int]] = {}
    for each in list_outcomes():
        both = sums.setdefault((each.kind, each.state), [0, 0])
        both[0] += each.payments
        both[1] += each.amount_minor
        if each.code:
            failed.add_metric([each.kind, each.code], each.payments)
    for (kind, state), (count, amount) in sums.items():
        counted.add_metric([kind, state], count)
        moved.add_metric([kind, state], amount)
    yield from (counted, moved, failed)


def pending(now: datetime) -> Iterator[Metric]:
    """Payments without an end: how many, how much, since when."""
    count = GaugeMetricFamily(
        "wallet_payments_pending",
        "Confirmed payments that wait for an answer.",
        labels=["kind", "currency"],
    )
    amount = GaugeMetricFamily(
        "wallet_payments_pending_amount_minor",
        "Money at risk: what those payments move, in minor units.",
        labels=["kind", "currency"],
    )
    found = list_pending()
    for each in found:
        count.add_metric([each.kind, each.currency], each.payments)
        amount.add_metric([each.kind, each.currency], each.amount_minor)
    oldest = min((each.oldest_at for each in found), default=None)
    yield from (count, amount)
    yield GaugeMetricFamily(
        "wallet_payments_pending_oldest_seconds",
        "How long the oldest of them has waited; 0 for none.",
        value=_age(oldest, now),
    )
    yield GaugeMetricFamily(
        "wallet_arrivals_overdue_seconds",
        "By how much the most overdue arrival is late; 0 for none.",
        value=_age(oldest_overdue_arrival(now), now),
    )


def queues(now: datetime) -> Iterator[Metric]:
    """Work that waits in rows, and wake-ups that wait in the broker."""
    depth = GaugeMetricFamily(
        "wallet_queue_depth", "Rows that are due, and messages that wait.", labels=["queue"]
    )
    age = GaugeMetricFamily(
        "wallet_queue_age_seconds", "How long the longest due has waited.", labels=["queue"]
    )
    messages, since = due_messages(now)
    depth.add_metric(["sms"], messages)
    age.add_metric(["sms"], _age(since, now))
    orders = open_orders(now)
    for state in OPEN_STATES:
        count, oldest = orders.get(state, (0, None))
        depth.add_metric([f"bank_{state.value}"], count)
        age.add_metric([f"bank_{state.value}"], _age(oldest, now))
    wake_ups = waiting_wake_ups()
    if wake_ups is not None:
        depth.add_metric(["wake_ups"], wake_ups)
    yield from (depth, age)


def messages(now: datetime) -> Iterator[Metric]:
    """Text messages of the last hour."""
    family = GaugeMetricFamily(
        "wallet_sms_last_hour", "Codes asked for within the last hour.", labels=["outcome"]
    )
    found = recent_messages(now)
    for state in SmsState:
        family.add_metric([state.value], found.get(state.value, 0))
    attempts = CounterMetricFamily(
        "wallet_sms_attempts",
        "Attempts to hand a message to a provider, and its receipts, by outcome.",
        labels=["provider", "outcome"],
    )
    for names, total in attempts_by_provider().items():
        attempts.add_metric(names, total)
    resting = GaugeMetricFamily(
        "wallet_sms_provider_resting",
        "1 while a provider rests after failures.",
        labels=["provider"],
    )
    for name, is_resting in resting_providers().items():
        resting.add_metric([name], float(is_resting))
    alarms = GaugeMetricFamily(
        "wallet_sms_alarms", "SMS alarms that hold now (SMS pumping).", labels=["kind"]
    )
    for kind, count in open_alarms(now).items():
        alarms.add_metric([kind], count)
    yield from (family, attempts, resting, alarms)


def books(now: datetime) -> Iterator[Metric]:
    """How far the journal is sealed, folded, verified."""
    figures = book_figures()
    values = {
        "wallet_ledger_entries": ("Highest entry of the journal.", figures.highest_entry_id),
        "wallet_ledger_sealed_up_to": ("Entry up to which it is sealed.", figures.sealed_up_to),
        "wallet_ledger_head_age_seconds": (
            "Age of the newest seal; 0 before the first.",
            _age(figures.sealed_at, now),
        ),
        "wallet_ledger_unsealed_seconds": (
            "Age of the oldest entry that no seal covers; 0 for none.",
            _age(figures.oldest_unsealed_at, now),
        ),
        "wallet_ledger_unfolded_increases": (
            "Increases of hot accounts that wait to be folded.",
            figures.unfolded_increases,
        ),
    }
    if figures.verified_at is not None:
        values |= {
            "wallet_ledger_right": (
                "1 when the last verification found nothing wrong.",
                int(bool(figures.is_right)),
            ),
            "wallet_ledger_verified_seconds": (
                "Time since the last verification.",
                _age(figures.verified_at, now),
            ),
        }
    for name, (text, value) in values.items():
        yield GaugeMetricFamily(name, text, value=float(value))


def reconciliation(now: datetime) -> Iterator[Metric]:
    """Whether wallet money is bank money, as far as anybody has looked."""
    figures = reconciliation_figures()
    values = {
        "wallet_reconciliation_cases": ("Unresolved reconciliation cases.", figures.unresolved),
        "wallet_reconciliation_at_risk_minor": (
            "Money that hangs on them, in minor units.",
            figures.at_risk_minor,
        ),
        "wallet_reconciliation_oldest_seconds": (
            "Age of the oldest of them; 0 for none.",
            _age(figures.oldest_case_at, now),
        ),
        "wallet_bank_file_orders_oldest_seconds": (
            "How long the oldest order has waited for a file; 0 for none.",
            _age(figures.oldest_waiting_order_at, now),
        ),
        "wallet_bank_files_not_placed": (
            "Files to the bank that are not in the folder yet.",
            figures.files_not_placed,
        ),
    }
    for name, (text, value) in values.items():
        yield GaugeMetricFamily(name, text, value=float(value))
    # No sample before the first statement: an installation without files has no bank to be late.
    statement = GaugeMetricFamily(
        "wallet_bank_statement_seconds", "Time since the newest bank statement was taken in."
    )
    if figures.newest_statement_at is not None:
        statement.add_metric([], _age(figures.newest_statement_at, now))
    yield statement


def support(now: datetime) -> Iterator[Metric]:
    """Customers who wait for our support."""
    count = GaugeMetricFamily(
        "wallet_support_cases", "Cases whose customer waits for an answer.", labels=["state"]
    )
    age = GaugeMetricFamily(
        "wallet_support_oldest_seconds",
        "How long the longest waiting of them has waited; 0 for none.",
        labels=["state"],
    )
    waiting = waiting_cases()
    for state in OUR_TURN:
        cases, since = waiting.get(state.value, (0, None))
        name = "first_answer" if state == CaseState.OPEN else "next_answer"
        count.add_metric([name], cases)
        age.add_metric([name], _age(since, now))
    yield from (count, age)


_FAMILIES: tuple[Callable[[datetime], Iterator[Metric]], ...] = (
    payments,
    pending,
    queues,
    messages,
    books,
    reconciliation,
    support,
)


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
