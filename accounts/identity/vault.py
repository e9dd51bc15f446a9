"""Encrypting fields and finding them again.

Field keys come from `settings.FIELD_KEYS`, newest first: the first encrypts, all decrypt, so a
key can be rotated row by row. Fernet is AES-128-CBC with HMAC-SHA-256 over a random IV.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.security.keyed import keyed_hash, keyed_hashes


def encrypt(text: str) -> str:
    """Encrypt a text for a column; two calls give two different tokens."""
    return _fernet(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """The text of a token. Raises `cryptography.fernet.InvalidToken` when no key opens it."""
    return _fernet(tuple(settings.FIELD_KEYS)).decrypt(token.encode("ascii")).decode()


def blind_index(text: str) -> str:
    """64 hex digits by which equal texts can be found without keeping the text."""
    return keyed_hash(purpose="blind_index", text=text)


def blind_indexes(text: str) -> list[str]:
    """The index under every accepted key, the newest first: to look a text up while keys turn."""
    return keyed_hashes(purpose="blind_index", text=text)


def renewed(token: str) -> str | None:
    """The same text under the newest key; None when the newest key wrote it already.

    Raises `cryptography.fernet.InvalidToken` when no key opens it.
    """
    newest = _fernet(tuple(settings.FIELD_KEYS[:1]))
    try:
        newest.decrypt(token.encode("ascii"))
    except InvalidToken:
        return encrypt(decrypt(token))
    return None


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derive(key)) for key in keys])


def _derive(key: str) -> bytes:
    """A Fernet key from a setting of any length (RFC 5869)."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"wallet field encryption v1")
    return base64.urlsafe_b64encode(hkdf.derive(key.encode()))
