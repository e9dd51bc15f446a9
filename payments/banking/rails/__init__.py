"""The way to the bank: one interface, one implementation per installation."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from payments.banking.rails.base import BankRail


def get_rail() -> BankRail:
    """The rail that the settings name."""
    rail: BankRail = import_string(settings.SANDBOX_BANK["rail"])()
    return rail
