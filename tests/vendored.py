"""The files of other people in this repository are exactly those that a VENDORED.txt lists.

Each line: sha256, path below the folder, version, licence, where it came from.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    ROOT / "static" / "vendor",
    ROOT / "payments" / "banking" / "rails" / "iso20022" / "schemas",
)
LIST = "VENDORED.txt"
_FIELDS = 5


def find_faults() -> list[str]:
    """One line for each file that is unlisted, missing or changed."""
    return [fault for folder in FOLDERS if folder.exists() for fault in _faults_in(folder)]


def _faults_in(folder: Path) -> list[str]:
    listed: dict[str, str] = {}
    faults: list[str] = []
    named = folder.relative_to(ROOT)
    text = (folder / LIST).read_text(encoding="utf-8")
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("#"):
            continue
        fields = line.split(maxsplit=_FIELDS - 1)
        if len(fields) < _FIELDS:
            faults.append(f"{named}/{LIST}: version, licence or source missing: {line}")
        listed[fields[1]] = fields[0]
    present = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != LIST
    }
    faults += [f"{named}/{name}: not listed" for name in sorted(present.keys() - listed)]
    faults += [f"{named}/{name}: missing" for name in sorted(listed.keys() - present)]
    faults += [
        f"{named}/{name}: changed since it was listed"
        for name in sorted(listed.keys() & present)
        if listed[name] != present[name]
    ]
    return faults


if __name__ == "__main__":
    print("\n".join(found := find_faults()))
    sys.exit(1 if found else 0)
