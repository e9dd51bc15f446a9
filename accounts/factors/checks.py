"""Start-up check of the domain of passkeys: with a wrong one no browser would ever offer any."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A name of at least two parts whose last one is no number.
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?!\d+$){_LABEL}|localhost")
_HOW = "See docs/how-to/passkeys.md."


@register("walletsite")
def passkey_domain_makes_sense(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error for a domain at which no page of this wallet can ask for a passkey."""
    domain = settings.PASSKEYS["domain"]
    if not domain:
        return []
    if not _NAME.fullmatch(domain):
        said = (
            f"WALLET_PASSKEY_DOMAIN is {domain!r}: give the bare name of a domain in small "
            "letters, without https://, port or path, and no IP address."
        )
    elif not any(_is_at(host, domain) for host in settings.ALLOWED_HOSTS):
        said = f"WALLET_PASSKEY_DOMAIN is {domain}, and no host in DJANGO_ALLOWED_HOSTS is there."
    else:
        return []
    return [Error(said, hint=_HOW, id="accounts.E130")]


def _is_at(host: str, domain: str) -> bool:
    """Whether a line of ALLOWED_HOSTS is the domain or below it."""
    name = host.lower()
    return name == "*" or name.lstrip(".") == domain or name.endswith(f".{domain}")
