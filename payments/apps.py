"""Django's entry to the app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        """Make the kinds of payment known, room by room, in the order in which they are listed."""
        from payments.banking import kinds as banking
        from payments.transfers import kinds as transfers
        from payments.transfers.unclaimed import kinds as unclaimed

        transfers.register_kinds()
        banking.register_kinds()
        unclaimed.register_kinds()
