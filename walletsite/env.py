"""Reading settings from the environment: `VAR`, or the file that `VAR_FILE` names."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()


def secret(name: str, *, keys_dir: Path, may_create: bool) -> str:
    """Return the secret `name` from the environment, or from its file below `keys_dir`.

    With `may_create` (the embedded default) a missing file is made once, readable by its
    owner only. Without it a missing secret raises `ImproperlyConfigured`: fail closed.
    """
    if value := env.str(name, default=""):
        return value
    path = keys_dir / name.lower()
    if not path.exists():
        if not may_create:
            raise ImproperlyConfigured(
                f"Set {name} or {name}_FILE: this site has no such secret yet."
            )
        _write_once(path)
    return path.read_text(encoding="ascii").strip()


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
