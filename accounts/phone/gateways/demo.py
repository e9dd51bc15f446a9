"""A phone for everybody: messages appear on the demo inbox page and on the terminal."""

from __future__ import annotations

from django.conf import settings

from accounts.phone.gateways.base import GatewayError, Handed, Sms
from accounts.phone.gateways.console import ConsoleGateway
from accounts.phone.models import DemoMessage


class DemoGateway:
    """Keeps the message where everybody can read it, so it works in demo mode only."""

    is_for_trial = True

    def send(self, sms: Sms) -> Handed:
        """Store the message and print it; the same key again changes nothing."""
        if not settings.DEMO_MODE:
            raise GatewayError("the demo gateway is for demo mode", is_final=True)
        _message, is_new = DemoMessage.objects.get_or_create(
            idempotency_key=sms.idempotency_key, defaults={"phone": sms.phone, "text": sms.text}
        )
        if is_new:
            ConsoleGateway().send(sms)
        return Handed(reference=f"demo-{sms.idempotency_key}", is_delivered=True)
