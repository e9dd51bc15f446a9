"""The way to the bank: one interface, one implementation per installation."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from payments.banking.rails.base import BankRail


def rail_class() -> type[BankRail]:
    """The rail that the settings name, not built yet: building one may call a network."""
    named: type[BankRail] = import_string(settings.SANDBOX_BANK["rail"])
    return named
