"""What a way of sending text messages must do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Sms:
    """One text on its way. `idempotency_key` is the same when it is tried again: a provider
    that has seen it must not send twice."""

    phone: str
    text: str
    idempotency_key: str


@dataclass(frozen=True)
class Handed:
    """The provider has it. `is_delivered` when it already knows that the phone has it, too."""

    reference: str = ""
    is_delivered: bool = False


class GatewayError(Exception):
    """The provider did not take it. `is_final` when trying again cannot help."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Gateway(Protocol):
    """A provider. Keep the text out of logs and out of the errors raised."""

    def send(self, sms: Sms) -> Handed:
        """Hand one message over within a few seconds, or raise `GatewayError`."""
        ...


def get_gateway() -> Gateway:
    """The gateway that `SMS["gateway"]` names."""
    return _make(settings.SMS["gateway"])


@lru_cache(maxsize=4)
def _make(path: str) -> Gateway:
    gateway: Gateway = import_string(path)()
    return gateway
