"""Gathers the rooms' admin classes for Django."""

from payments.banking import admin as banking
from payments.banking.cases import admin as cases
from payments.banking.reconciliation import admin as reconciliation
from payments.closing import admin as closing
from payments.processing import admin as processing
from payments.safety import admin as safety
from payments.transfers.standing_orders import admin as standing_orders
from payments.wallets import admin as wallets

__all__ = [
    "banking",
    "cases",
    "closing",
    "processing",
    "reconciliation",
    "safety",
    "standing_orders",
    "wallets",
]
