"""Gathers the rooms' tasks for Celery."""

from payments.banking.tasks import advance_bank_orders, submit_order
from payments.processing.tasks import expire_payments

__all__ = ["advance_bank_orders", "expire_payments", "submit_order"]
