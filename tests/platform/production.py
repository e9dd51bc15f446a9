"""The environment of a production installation, as an operator would write it."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_urlsafe

_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "SSL_CERT_FILE")
HOST = "wallet.example"


def environment(
    folder: Path, *, database_url: str, redis_url: str = "redis://redis.example/0", **more: str
) -> dict[str, str]:
    """Nothing of the test's own settings; secrets of which nobody knows."""
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DJANGO_ALLOWED_HOSTS": HOST,
        "DJANGO_SECRET_KEY": token_urlsafe(48),
        "WALLET_FIELD_KEYS": token_urlsafe(48),
        "WALLET_INDEX_KEY": token_urlsafe(48),
        "WALLET_PAYMENT_PASSWORD_KEYS": token_urlsafe(48),
        "WALLET_BEHIND_PROXY": "true",
        "WALLET_VAR_DIR": str(folder / "var"),
        "SMS_GATEWAY": "tests.gateways.RecordingGateway",
        "BANK_RAIL": "tests.rails.NoBank",
        "IDENTITY_CHECK": "tests.checkers.KnowsEverybody",
        **more,
    }
