"""Gathers the rooms' tasks for Celery."""

from payments.banking.reconciliation.tasks import exchange_bank_files, reconcile_bank_daily
from payments.banking.tasks import advance_bank_orders, submit_order
from payments.closing.tasks import close_due_wallets
from payments.processing.tasks import expire_payments
from payments.safety.tasks import stop_for_frozen
from payments.transfers.batch.tasks import run_batch, run_batches
from payments.transfers.standing_orders.tasks import run_orders
from payments.transfers.tasks import settle_arrivals
from payments.transfers.unclaimed.tasks import return_unclaimed

__all__ = [
    "advance_bank_orders",
    "close_due_wallets",
    "exchange_bank_files",
    "expire_payments",
    "reconcile_bank_daily",
    "return_unclaimed",
    "run_batch",
    "run_batches",
    "run_orders",
    "settle_arrivals",
    "stop_for_frozen",
    "submit_order",
]
