"""The texts of a case are encrypted under a key of the case's own.

The key lies in the case, encrypted with the field key. So turning the field key over touches one
column, and forgetting a case is deleting its key: messages, which nobody may change or delete,
are noise from then on.
"""

from __future__ import annotations

from cryptography.fernet import Fernet

from accounts.identity import vault


def new_key() -> str:
    """A fresh key, as the case keeps it."""
    return vault.encrypt(Fernet.generate_key().decode("ascii"))


def seal(key_encrypted: str, text: str) -> str:
    """Encrypt a text of the case that keeps this key."""
    return _cipher(key_encrypted).encrypt(text.encode()).decode("ascii")


def unseal(key_encrypted: str, token: str) -> str:
    """The text again; empty once the key is gone."""
    if not key_encrypted or not token:
        return ""
    return _cipher(key_encrypted).decrypt(token.encode("ascii")).decode()


def _cipher(key_encrypted: str) -> Fernet:
    return Fernet(vault.decrypt(key_encrypted).encode("ascii"))
