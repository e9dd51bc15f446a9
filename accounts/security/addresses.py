"""Where a request came from."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of the client, normalised; empty when there is none.

    Each proxy appends what it saw, so only the last `TRUSTED_PROXY_COUNT` entries of
    X-Forwarded-For are ours; everything left of them is whatever the client liked to write.
    With no proxy of ours the header is not looked at.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.TRUSTED_PROXY_COUNT
    if proxies > 0:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(chain) >= proxies and _normal(chain[-proxies]):
            return _normal(chain[-proxies])
    return _normal(seen)


def address_group(address: str) -> str:
    """What one subscriber commands: the address itself, or the /64 of an IPv6 address."""
    if ":" not in address:
        return address
    return f"{IPv6Address(int(IPv6Address(address)) >> 64 << 64)}/64"


def address_hint(address: str) -> str:
    """The address with its last part left out, for people to recognise, not to follow."""
    if not address:
        return ""
    if ":" in address:
        return address_group(address)
    return ".".join([*address.split(".")[:3], "x"])


def _normal(text: str) -> str:
    try:
        parsed = ip_address(text.split("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(parsed)
