"""Which providers there are, and in which order they are tried."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.phone.gateways.base import Gateway

# Names that `SMS_PROVIDERS` may use instead of a dotted path.
KNOWN = {
    "twilio": "accounts.phone.gateways.twilio.TwilioGateway",
    "aliyun": "accounts.phone.gateways.aliyun.AliyunGateway",
}


@dataclass(frozen=True)
class Provider:
    """One provider, under the name that rows and addresses know it by."""

    name: str
    gateway: Gateway

    @property
    def honours_keys(self) -> bool:
        """Whether it sends one message once, however often it is asked with the same key."""
        return bool(getattr(self.gateway, "honours_keys", False))


def gateway_paths() -> list[str]:
    """The classes in their order: `SMS["providers"]`, else the one that `SMS["gateway"]` names."""
    chosen = settings.SMS.get("providers") or [settings.SMS["gateway"]]
    return [KNOWN.get(name, name) for name in chosen]


def list_providers() -> list[Provider]:
    """The providers in the order in which they are tried."""
    return [Provider(provider_name(path), _make(path)) for path in gateway_paths()]


def find_provider(name: str) -> Provider | None:
    """A provider that is in use, by its name."""
    return next((each for each in list_providers() if each.name == name), None)


def provider_name(path: str) -> str:
    """`accounts.phone.gateways.demo.DemoGateway` is called "demo"."""
    return path.rpartition(".")[2].removesuffix("Gateway").lower()[:30]


@lru_cache(maxsize=8)
def _make(path: str) -> Gateway:
    gateway: Gateway = import_string(path)()
    return gateway
