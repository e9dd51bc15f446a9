"""Reading settings from the environment: `VAR`, or the file that `VAR_FILE` names."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _ValuesAndFiles(FileAwareMapping):
    """A secret in a file usually ends with a newline, which is no part of it."""

    def __getitem__(self, key: str) -> str:
        try:
            value: str = super().__getitem__(key)
        except OSError as error:
            raise ImproperlyConfigured(
                f"{key}_FILE names {self.env[f'{key}_FILE']}, which cannot be read: "
                f"{error.strerror}."
            ) from error
        return value.rstrip("\r\n") if f"{key}_FILE" in self.env else value


class _Environment(environ.Env):
    ENVIRON = _ValuesAndFiles()


env = _Environment()
# Where each secret that lies in a file was read from; walletsite/checks.py looks at the files.
secret_files: dict[str, Path] = {}


def secret(name: str, *, keys_dir: Path, may_create: bool) -> str:
    """Return the secret `name` from the environment, or from its file below `keys_dir`.

    With `may_create` (the embedded default) a missing file is made once, readable by its
    owner only. Without it a missing secret raises `ImproperlyConfigured`: fail closed.
    """
    if value := env.str(name, default=""):
        if f"{name}_FILE" in os.environ:
            secret_files[name] = Path(os.environ[f"{name}_FILE"])
        return value
    path = keys_dir / name.lower()
    if not path.exists():
        if not may_create:
            raise ImproperlyConfigured(
                f"Set {name} or {name}_FILE: this site has no such secret yet."
            )
        _write_once(path)
    secret_files[name] = path
    return path.read_text(encoding="ascii").strip()


def chosen_secret(name: str, *, is_needed: bool) -> str:
    """A secret for a partner that not everybody has; empty when it is not needed and not set.

    Raises `ImproperlyConfigured` when it is needed: it is never made up here.
    """
    if is_needed and not env.str(name, default=""):
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE: a chosen provider needs it.")
    if f"{name}_FILE" in os.environ:
        secret_files[name] = Path(os.environ[f"{name}_FILE"])
    return env.str(name, default="")


def sqlite_options() -> dict[str, Any]:
    """How every connection to SQLite is made."""
    return {
        # IMMEDIATE takes the write lock at BEGIN, so a read inside a transaction is never
        # stale when it comes to writing; FULL keeps a confirmed payment over a power loss.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }


def postgresql_options(
    given: dict[str, Any], *, statement_seconds: int, lock_seconds: int, idle_seconds: int
) -> dict[str, Any]:
    """Options of a connection: `given` (from the URL) go before ours.

    The server ends what takes longer than these seconds: one statement, waiting for one lock, a
    transaction in which nothing happens. The rest notices a server that fell silent: without it
    a connection that a firewall forgot is waited on for a quarter of an hour.
    """
    limits = {
        "statement_timeout": statement_seconds,
        "lock_timeout": lock_seconds,
        "idle_in_transaction_session_timeout": idle_seconds,
    }
    said = " ".join(f"-c {name}={seconds * 1000}" for name, seconds in limits.items())
    return {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 15_000,
        **given,
        # The last one counts, so what the URL says wins.
        "options": f"{said} {given.get('options', '')}".strip(),
    }


def _write_once(path: Path) -> None:
    """Create the secret file so that of two processes starting at once one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
