"""What a client claims about itself is dropped unless a proxy of ours says it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from walletsite.proxies import TrustedProxies

pytestmark = pytest.mark.once
CLAIMS = {
    "HTTP_X_FORWARDED_FOR": "6.6.6.6",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_FORWARDED": "for=6.6.6.6",
    "HTTP_X_REAL_IP": "6.6.6.6",
}


def seen(address: str, trusted: list[str]) -> dict[str, Any]:
    """The claims that reach the application."""
    found: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        found.update({name: environ[name] for name in CLAIMS if name in environ})
        assert environ["HTTP_COOKIE"] == "a=b"
        return []

    environ = {**CLAIMS, "HTTP_COOKIE": "a=b", "REMOTE_ADDR": address}
    TrustedProxies(application, trusted)(environ, lambda *_: None)
    return found


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("172.30.7.2", ["127.0.0.1", "172.30.7.0/24"]),
        ("::ffff:172.30.7.2", ["172.30.7.0/24"]),
        ("2001:db8::5", ["2001:db8::/32"]),
        ("", ["unix:"]),
    ],
)
def test_a_proxy_of_ours_is_believed(address: str, trusted: list[str]) -> None:
    assert seen(address, trusted) == CLAIMS


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("172.30.8.2", ["172.30.7.0/24"]),
        ("127.0.0.1", []),
        ("", ["127.0.0.1"]),
        ("nonsense", ["0.0.0.0/0", "unix:"]),
        ("2001:db8::5", ["0.0.0.0/0"]),
    ],
)
def test_a_stranger_is_not(address: str, trusted: list[str]) -> None:
    assert seen(address, trusted) == {}


def test_a_name_is_no_address() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"proxy\.example"):
        TrustedProxies(lambda *_: [], ["proxy.example"])
