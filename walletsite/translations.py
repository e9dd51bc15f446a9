"""Compiles the translation catalogues in pure Python: a bare machine has no msgfmt."""

from __future__ import annotations

import os
from pathlib import Path

import polib
from django.conf import settings


def list_catalogues() -> list[Path]:
    """The .po files of this project."""
    folders = [Path(each) for each in settings.LOCALE_PATHS]
    return sorted(po for folder in folders for po in folder.glob("*/LC_MESSAGES/*.po"))


def compile_catalogues() -> int:
    """Write the .mo beside each .po that is newer than it; the number of files written.

    The .mo files are not kept in git: they are made from the .po by `make run` and `make test`.
    """
    written = 0
    for po in list_catalogues():
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        # Two processes may compile at once: each writes its own draft, a rename makes it whole.
        draft = mo.with_suffix(f".{os.getpid()}.mo")
        polib.pofile(str(po)).save_as_mofile(str(draft))
        draft.replace(mo)
        written += 1
    return written
