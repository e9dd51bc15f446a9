"""The file of a backup: a ZIP with the copy first and the manifest last.

The manifest can only be written when the copy is there; a file that was cut off has neither it nor
the ZIP's own table of contents.
"""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from walletsite.backups.errors import BackupError
from walletsite.backups.manifest import Manifest, Payload, read_manifest

_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 16 * 1024 * 1024
_CHUNK = 1024 * 1024


class Measured:
    """Writes through to a file, counting and hashing."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = sha256()
        self._bytes = 0

    def write(self, data: bytes) -> int:
        """Pass it on."""
        self._digest.update(data)
        self._bytes += len(data)
        return self._file.write(data)

    def payload(self, name: str) -> Payload:
        """What went through."""
        return Payload(name, self._bytes, self._digest.hexdigest())


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name when it is complete, readable by its owner alone.

    Raises BackupError when there is a file of this name.
    """
    if path.exists():
        raise BackupError(f"{path} exists: a backup never replaces another one.")
    try:
        # Made with mode 0600.
        descriptor, draft = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".part", dir=path.parent
        )
    except OSError as error:
        raise BackupError(f"{path.parent} cannot be written to: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.rename(draft, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise BackupError(f"{path} could not be written: {error.strerror or error}.") from error
    finally:
        # Gone already when all went well.
        Path(draft).unlink(missing_ok=True)


@contextmanager
def payload_writer(archive: ZipFile, name: str, *, is_compressed: bool) -> Iterator[Measured]:
    """Where the copy of the database is written to; nothing of it is kept in memory."""
    entry = ZipInfo(name)
    entry.compress_type = ZIP_STORED if is_compressed else ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    with archive.open(entry, "w", force_zip64=True) as out:
        yield Measured(out)


def write_manifest(archive: ZipFile, manifest: Manifest) -> None:
    """The last thing in the file."""
    entry = ZipInfo(_MANIFEST)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, manifest.to_json())


@contextmanager
def opened(path: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """A backup whose manifest fits its copy to the last byte. Raises BackupError."""
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(ZipFile(path))
            if archive.getinfo(_MANIFEST).file_size > _LARGEST_MANIFEST:
                raise BackupError(f"{path} is not a backup.")
            manifest = read_manifest(archive.read(_MANIFEST))
            _refuse_changed(archive, manifest.payload)
        except (BadZipFile, KeyError, EOFError, zlib.error):
            raise BackupError(f"{path} is cut off, was changed, or is not a backup.") from None
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror or error}.") from error
        yield archive, manifest


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The content, piece by piece."""
    while chunk := file.read(_CHUNK):
        yield chunk


def _refuse_changed(archive: ZipFile, payload: Payload) -> None:
    digest, length = sha256(), 0
    with archive.open(payload.name) as copy:
        for chunk in chunks(copy):
            digest.update(chunk)
            length += len(chunk)
    if (length, digest.hexdigest()) != (payload.bytes, payload.sha256):
        raise BackupError("The copy of the database was changed after the backup was taken.")


def _sync_folder(folder: Path) -> None:
    """So that the name survives a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
