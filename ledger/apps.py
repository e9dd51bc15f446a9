"""Django's entry to the app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"
