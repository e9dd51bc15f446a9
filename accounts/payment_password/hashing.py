"""Sealing six digits: a key outside the database, then a slow hash.

A million values are hashed in hours whatever the hash costs; the HMAC key, which no backup of
the database holds, is what protects them. Argon2id adds cost should the key leak as well.
Source: OWASP Password Storage (t=2, m=19 MiB, p=1), NIST SP 800-63B (keyed hash).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_ARGON2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True)
class Sealed:
    """What the database keeps of a payment password."""

    hash: str
    key_id: str


def seal(*, owner: UUID, raw: str) -> Sealed:
    """Seal six digits for the person with public id `owner`, under the newest key."""
    key = _keys()[0]
    return Sealed(hash=_ARGON2.hash(_keyed(key, owner, raw)), key_id=key_id(key))


def opens(sealed: Sealed, *, owner: UUID, raw: str) -> bool:
    """Whether `raw` is what was sealed. Raises `ImproperlyConfigured` when its key is gone:
    fail closed and loudly, not "wrong". Ask `has_key` first where people may come with such."""
    key = next((key for key in _keys() if key_id(key) == sealed.key_id), None)
    if key is None:
        raise ImproperlyConfigured(f"no payment password key {sealed.key_id}")
    try:
        return _ARGON2.verify(sealed.hash, _keyed(key, owner, raw))
    except (VerificationError, InvalidHashError):
        return False


def has_key(key_name: str) -> bool:
    """Whether the key of this name is still in the list: without it nothing it sealed opens."""
    return any(key_id(key) == key_name for key in _keys())


def is_old(sealed: Sealed) -> bool:
    """Whether a newer key has come since; seal again when the digits are at hand."""
    return sealed.key_id != key_id(_keys()[0])


def key_id(key: str) -> str:
    """A name for a key that gives nothing away."""
    return sha256(b"payment password key id|" + key.encode()).hexdigest()[:12]


def _keys() -> list[str]:
    keys = [key for key in settings.PAYMENT_PASSWORD_KEYS if key]
    if not keys:
        raise ImproperlyConfigured("WALLET_PAYMENT_PASSWORD_KEYS is empty")
    return keys


def _keyed(key: str, owner: UUID, raw: str) -> str:
    # The owner is part of it: the same digits of two people never look the same (ISO 9564).
    return hmac.new(key.encode(), f"v1|{owner}|{raw}".encode(), sha256).hexdigest()
