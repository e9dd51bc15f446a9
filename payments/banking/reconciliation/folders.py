"""Files as the other side sees them: whole or not there. Nothing of the database here."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

_CHUNK = 1 << 20
_CLOCK_SET_BACK = 60


class NotReadable(Exception):
    """Not a plain file, or not there any more."""


def write_whole_file(*, folder: Path, name: str, content: bytes) -> None:
    """Write a file so that nobody ever sees a part of it: beside, to the disk, then renamed.

    Writing the same again is harmless. Raises OSError.
    """
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, 0o640)
        os.replace(beside, folder / name)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """The new name must outlive a power loss as the content does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_file(path: Path, *, most_bytes: int) -> tuple[bytes, str]:
    """The content and its SHA-256. Of a file over `most_bytes` only that much and one byte more,
    with the SHA-256 of the whole.

    Raises NotReadable for a link, a pipe, a folder, or a file that is gone or closed to us.
    """
    try:
        # No link is followed, and a pipe without a writer does not hang.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise NotReadable(error.strerror or "cannot be opened") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotReadable("not a plain file")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(most_bytes + 1)
        digest = hashlib.sha256(content)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return content, digest.hexdigest()


def list_settled_files(folder: Path, *, untouched_seconds: int) -> list[Path]:
    """The plain files that nobody is writing any more, the oldest first.

    By the time that this machine noted for the last change: whoever brings a file may set the
    other one (mtime) to what it was elsewhere. One from the future is of a clock that was set
    back since.
    """
    if not folder.is_dir():
        return []
    now = time.time()
    found = []
    for path in folder.iterdir():
        try:
            told = path.lstat()
        except OSError:
            continue  # taken away since
        age = now - told.st_ctime
        is_ready = age >= untouched_seconds or age < -_CLOCK_SET_BACK
        if (
            stat.S_ISREG(told.st_mode)
            and is_ready
            and not path.name.startswith(".")
            and path.suffix not in (".part", ".tmp")
        ):
            found.append((told.st_ctime, path.name, path))
    return [path for _time, _name, path in sorted(found)]


def move_away(path: Path, *, folder: Path, name: str) -> None:
    """Move a file that was dealt with out of the way. Gone already is fine. Raises OSError."""
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    try:
        # Also to another disk.
        shutil.move(path, folder / name)
    except FileNotFoundError:
        return
    _sync_folder(folder)
