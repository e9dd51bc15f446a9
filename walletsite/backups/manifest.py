"""The manifest of a backup: what is in it, and what is needed to open it.

Keys are named by a fingerprint: HMAC-SHA-256 under the key itself, so it tells nothing about the
key and can be made by whoever has it. The manifest is sealed under the index key, which whoever
may restore it must have anyway: a changed manifest is refused like a changed copy.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings

from walletsite import VERSION
from walletsite.backups.errors import BackupError
from walletsite.backups.inventory import Inventory, known_migrations

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Payload:
    """The copy of the database inside the file."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a restore has to know before it touches a database."""

    database: str
    taken_at: str
    payload: Payload
    inventory: Inventory
    keys: dict[str, list[str]]
    version: str = VERSION
    format: int = FORMAT

    def to_json(self) -> bytes:
        """The manifest with its seal."""
        content = asdict(self)
        return _spelt({**content, "seal": _seals(content)[0]}, indent=1)

    def refuse_unfit(self, database: str) -> None:
        """Raise BackupError when this installation cannot take the copy."""
        if self.database != database:
            raise BackupError(
                f"The backup is of {self.database}, this installation runs on {database}: restore "
                "it where the same kind of database is."
            )
        known, theirs = set(known_migrations()), set(self.inventory.migrations)
        if self.version != VERSION or known != theirs:
            other = sorted(known ^ theirs)
            raise BackupError(
                f"The backup is of version {self.version}, this is version {VERSION}"
                + (f" (only one of them has {', '.join(other[:3])}). " if other else ". ")
                + "Restore it with the version that took it, then upgrade."
            )


def new_manifest(
    *, database: str, payload: Payload, inventory: Inventory, now: datetime
) -> Manifest:
    """The manifest of a copy that has just been made."""
    return Manifest(
        database=database,
        taken_at=now.isoformat(timespec="seconds"),
        payload=payload,
        inventory=inventory,
        keys=key_fingerprints(),
    )


def read_manifest(text: bytes) -> Manifest:
    """Raises BackupError: not a manifest, keys that are missing here, a broken seal."""
    try:
        content: dict[str, Any] = json.loads(text)
        seal = str(content.pop("seal"))
        if content["format"] != FORMAT:
            raise BackupError(
                f"The backup has format {content['format']}, this version reads {FORMAT}: restore "
                f"it with the version that took it ({content['version']})."
            )
        _refuse_missing_keys(content["keys"])
        # A backup lives longer than a key.
        if not any(hmac.compare_digest(seal, each) for each in _seals(content)):
            raise BackupError("The manifest was changed after the backup was taken.")
        return Manifest(**{
            **content,
            "payload": Payload(**content["payload"]),
            "inventory": Inventory(**content["inventory"]),
        })  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupError(
            "The file has no manifest that can be read: it is not a backup."
        ) from None


def key_fingerprints() -> dict[str, list[str]]:
    """Fingerprints of the keys of this installation, by setting, newest key first."""
    return {
        name: [_fingerprint(name, key) for key in keys]
        for name, keys in {
            "DJANGO_SECRET_KEY": [settings.SECRET_KEY],
            "WALLET_FIELD_KEYS": settings.FIELD_KEYS,
            "WALLET_INDEX_KEY": [settings.INDEX_KEY, *settings.OLD_INDEX_KEYS],
            "WALLET_PAYMENT_PASSWORD_KEYS": settings.PAYMENT_PASSWORD_KEYS,
        }.items()
    }


def _refuse_missing_keys(wanted: dict[str, list[str]]) -> None:
    here = key_fingerprints()
    missing = [
        f"{name} with the fingerprint {fingerprint}"
        for name, fingerprints in wanted.items()
        for fingerprint in fingerprints
        if fingerprint not in here.get(name, [])
    ]
    if missing:
        # The embedded wallet made them by itself; nobody has typed them.
        where = f" Here they are read from {settings.KEYS_DIR}." if settings.EMBEDDED else ""
        raise BackupError(
            "Keys are missing. Without them nobody could sign in or pay, and no name be read. "
            "A backup holds no keys: set those the backup was taken with, then restore again. "
            f"Missing: {'; '.join(missing)}.{where}"
        )


def _fingerprint(name: str, key: str) -> str:
    said = f"fingerprint of {name}".encode()
    return hmac.new(key.encode(), said, sha256).hexdigest()[:16]


def _seals(content: dict[str, Any]) -> list[str]:
    """Under the newest index key first, then under the older ones."""
    return [
        hmac.new(
            hmac.new(key.encode(), b"seal of a backup", sha256).digest(), _spelt(content), sha256
        ).hexdigest()
        for key in (settings.INDEX_KEY, *settings.OLD_INDEX_KEYS)
    ]


def _spelt(content: dict[str, Any], indent: int | None = None) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=True, indent=indent).encode("ascii")
