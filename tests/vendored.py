"""The files of other people under static/vendor are exactly those that VENDORED.txt lists.

Each line: sha256, path below static/vendor, version, licence, where it came from.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
_FIELDS = 5


def find_faults() -> list[str]:
    """One line for each file that is unlisted, missing or changed."""
    if not VENDOR.exists():
        return []
    listed: dict[str, str] = {}
    faults: list[str] = []
    text = (VENDOR / "VENDORED.txt").read_text(encoding="utf-8")
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("#"):
            continue
        fields = line.split(maxsplit=_FIELDS - 1)
        if len(fields) < _FIELDS:
            faults.append(f"static/vendor/VENDORED.txt: version, licence or source missing: {line}")
        listed[fields[1]] = fields[0]
    present = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDORED.txt"
    }
    faults += [f"static/vendor/{name}: not listed" for name in sorted(present.keys() - listed)]
    faults += [f"static/vendor/{name}: missing" for name in sorted(listed.keys() - present)]
    for name in sorted(listed.keys() & present):
        if listed[name] != present[name]:
            faults.append(f"static/vendor/{name}: changed since it was listed")
    return faults


if __name__ == "__main__":
    print("\n".join(found := find_faults()))
    sys.exit(1 if found else 0)
