"""What proxies say about the client is believed only when a proxy of ours says it.

Anybody who reaches the application directly can send X-Forwarded-For and X-Forwarded-Proto; here
they are taken away from everybody whose address is not in `TRUSTED_PROXIES`, before Django looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.core.exceptions import ImproperlyConfigured

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_UNIX = "unix:"
_CLAIMS = (
    "HTTP_X_FORWARDED_",
    "HTTP_X_REQUEST_ID",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_X_SCHEME",
)


class TrustedProxies:
    """WSGI: drops forwarding headers of strangers.

    `trusted` are addresses and networks; `unix:` stands for a proxy on a socket in the file system,
    which only who may open the file can use. Raises ImproperlyConfigured for anything else.
    """

    def __init__(self, application: Application, trusted: Iterable[str]) -> None:
        self._application = application
        words = [each.strip() for each in trusted if each.strip()]
        self._trusts_sockets = _UNIX in words
        self._networks = [_network(each) for each in words if each != _UNIX]

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not self._is_trusted(str(environ.get("REMOTE_ADDR", ""))):
            for name in [each for each in environ if each.startswith(_CLAIMS)]:
                del environ[name]
        return self._application(environ, start_response)

    def _is_trusted(self, address: str) -> bool:
        if not address:
            return self._trusts_sockets
        try:
            client = ip_address(address.split("%")[0])
        except ValueError:
            return False
        client = getattr(client, "ipv4_mapped", None) or client
        return any(client in network for network in self._networks)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise ImproperlyConfigured(
            f"WALLET_TRUSTED_PROXIES: {text} is neither an address nor a network."
        ) from None
