"""Keyed hashes: to find or count a thing again without keeping the thing."""

from __future__ import annotations

import hmac
from hashlib import sha256

from django.conf import settings


def keyed_hash(*, purpose: str, text: str) -> str:
    """HMAC-SHA-256 under the index key, 64 hex digits. `purpose` keeps uses apart.

    Without the key, which lies outside the database, neither phone numbers nor what somebody
    typed by mistake can be found by trying all of them.
    """
    return _hash(settings.INDEX_KEY, purpose, text)


def keyed_hashes(*, purpose: str, text: str) -> list[str]:
    """The hash under every accepted key, the newest first: to find what an older key wrote."""
    keys = [settings.INDEX_KEY, *settings.OLD_INDEX_KEYS]
    return [_hash(key, purpose, text) for key in keys]


def _hash(key: str, purpose: str, text: str) -> str:
    message = f"{purpose}|{text}".encode("utf-8", "surrogatepass")
    return hmac.new(key.encode(), message, sha256).hexdigest()
