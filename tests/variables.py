"""make check: .env.example is the whole list of variables. What is read is in it, and nothing else."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_READ = re.compile(
    r"\b(?:env\.(?:str|bool|int|float|list|json|db)|secret|chosen_secret|os\.environ\.get)\(\s*\"([A-Z_]+)\""
)
# Read by Django as well, and set by our own programs.
_NOT_FOR_OPERATORS = {"DJANGO_SETTINGS_MODULE"}


def documented() -> list[str]:
    """Names in .env.example, in its order."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.M)


def read() -> set[str]:
    """Names that the settings, the commands and gunicorn's file look at."""
    files = [*(ROOT / "walletsite").rglob("*.py"), ROOT / "deploy" / "gunicorn.conf.py"]
    found = {
        name
        for path in files
        if "tests" not in path.parts
        for name in _READ.findall(path.read_text(encoding="utf-8"))
    }
    return found - _NOT_FOR_OPERATORS


def main() -> int:
    """0 when both lists are the same."""
    names = documented()
    faults = [f"{name} is read and not in .env.example" for name in sorted(read() - set(names))]
    faults += [f"{name} is in .env.example and not read" for name in sorted(set(names) - read())]
    faults += [f"{name} is in .env.example twice" for name in set(names) if names.count(name) > 1]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
