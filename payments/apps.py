"""Django's entry to the app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"
