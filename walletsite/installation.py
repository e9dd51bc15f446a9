"""What has to be in place before the first request: tables, translations, static files, people."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command, get_commands
from django.db import connections

from walletsite.translations import compile_catalogues

Say = Callable[[str], None]


def prepare(say: Say) -> None:
    """Bring the installation up to date. Every step is quick when there is nothing to do."""
    make_folders()
    _step(say, "Database up to date", upgrade_database)
    _step(say, "Translations compiled", compile_catalogues)
    _step(say, "Static files collected", _collect_static)
    # Written by the payments side; an installation that has none has no demo people.
    if settings.DEMO_MODE and "load_demo" in get_commands():
        _step(say, "Demo people loaded", lambda: call_command("load_demo"))
    # No connection may be open when children start.
    connections.close_all()


def make_folders() -> None:
    """The folders below var/, for this user alone: they hold what people own."""
    for name in ("data", "static", "queue", "queue/control"):
        (settings.VAR_DIR / name).mkdir(parents=True, exist_ok=True, mode=0o700)


def _step(say: Say, done: str, act: Callable[[], object]) -> None:
    began = time.monotonic()
    act()
    say(f"{done} ({time.monotonic() - began:.1f} s)")


def upgrade_database() -> None:
    """Tables, roles and the cache's table as this version wants them."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("sync_roles")
    call_command("createcachetable", verbosity=0)


def _collect_static() -> None:
    """Hashing and compressing takes seconds; it is left out while no file has changed."""
    stamp = settings.STATIC_ROOT / ".fingerprint"
    wanted = _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(wanted, encoding="ascii")


def _fingerprint() -> str:
    """Changes when any static file of the site or of a package does."""
    digest = hashlib.sha256(django.get_version().encode())
    for finder in finders.get_finders():
        for path, storage in finder.list(None):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
    return digest.hexdigest()
