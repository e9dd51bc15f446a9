"""Prints messages on the terminal: for a developer's own machine."""

from __future__ import annotations

import sys

from django.conf import settings

from accounts.phone.gateways.base import GatewayError, Handed, Sms


class ConsoleGateway:
    """Writes to the terminal, not to the log; refuses to run outside demo and debug mode."""

    is_for_trial = True

    def send(self, sms: Sms) -> Handed:
        """Print the message."""
        if not (settings.DEMO_MODE or settings.DEBUG):
            raise GatewayError("the console gateway is for demo and debug mode", is_final=True)
        # The terminal itself: Celery turns what goes to `sys.stdout` into log lines.
        terminal = sys.__stdout__
        if terminal is not None:
            terminal.write(f"SMS to {sms.phone}: {sms.text}\n")
            terminal.flush()
        return Handed(reference=f"console-{sms.idempotency_key}", is_delivered=True)
