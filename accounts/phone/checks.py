"""Start-up checks of text message providers: what a chosen one cannot work without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from accounts.phone.gateways.aliyun import template_code
from accounts.phone.gateways.providers import KNOWN, gateway_paths
from accounts.phone.messages import message_keys

_OWN_MACHINE = {"127.0.0.1", "localhost", "::1"}
_SHORTEST_SECONDS = 0.5
_LONGEST_SECONDS = 12
_HOW = "See docs/how-to/sms-providers.md."


# Under the site's tag: web server, worker and beat refuse to start with an error of it.
@register("walletsite")
def providers_are_configured(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error for each thing that is missing."""
    chosen = gateway_paths()
    found = [*_callback(), *_deadline()]
    for path in chosen:
        try:
            import_string(path)
        except ImportError:
            found.append(Error(f"{path} cannot be loaded.", hint=_HOW, id="accounts.E106"))
    if len(set(chosen)) < len(chosen):
        found.append(Error("SMS_PROVIDERS names a provider twice.", hint=_HOW, id="accounts.E104"))
    if KNOWN["twilio"] in chosen:
        found += _twilio()
    if KNOWN["aliyun"] in chosen:
        found += _aliyun()
    return found


def _twilio() -> Iterator[CheckMessage]:
    config = settings.SMS_TWILIO
    yield from _missing("SMS_TWILIO", config, ["account_sid", "auth_token"])
    yield from _address("SMS_TWILIO_URL", config["url"])
    if not config["from"] and not config["messaging_service"]:
        said = "Neither SMS_TWILIO_FROM nor SMS_TWILIO_MESSAGING_SERVICE says who sends."
        yield Error(said, hint=_HOW, id="accounts.E101")


def _aliyun() -> Iterator[CheckMessage]:
    config = settings.SMS_ALIYUN
    yield from _missing("SMS_ALIYUN", config, ["access_key_id", "access_key_secret", "sign_name"])
    yield from _address("SMS_ALIYUN_URL", config["url"])
    without = [key for key in message_keys() if not template_code(key, "zh")]
    if without:
        said = f"SMS_ALIYUN_TEMPLATES has no template for: {', '.join(without)}."
        hint = f"These messages go to the next provider. {_HOW}"
        yield checks.Warning(said, hint=hint, id="accounts.W103")


def _missing(prefix: str, config: dict[str, Any], names: list[str]) -> Iterator[CheckMessage]:
    for name in names:
        if not config[name]:
            said = f"{prefix}_{name.upper()} is not set."
            yield Error(said, hint=_HOW, id="accounts.E101")


def _deadline() -> Iterator[CheckMessage]:
    """One attempt must end before its message is taken for abandoned."""
    seconds = settings.SMS.get("deadline_seconds", _LONGEST_SECONDS)
    if not _SHORTEST_SECONDS <= seconds <= _LONGEST_SECONDS:
        said = f"SMS_DEADLINE_SECONDS is not from {_SHORTEST_SECONDS} to {_LONGEST_SECONDS}."
        yield Error(said, hint=_HOW, id="accounts.E105")


def _callback() -> Iterator[CheckMessage]:
    if url := settings.SMS.get("callback_url"):
        yield from _address("SMS_CALLBACK_URL", url)


def _address(name: str, url: str) -> Iterator[CheckMessage]:
    """Codes travel to this address: only over TLS, unless it is this machine."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or parts.hostname in _OWN_MACHINE
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if not (parts.scheme in {"http", "https"} and parts.hostname and is_safe and is_plain):
        hint = "Give https://host, without a password or a query."
        yield Error(f"{name} is no safe address.", hint=hint, id="accounts.E102")
