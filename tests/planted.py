"""What must never be logged, noted while the tests run; `secrets_in_logs` looks for it."""

from __future__ import annotations

# Kind -> texts. Process-wide: what one test planted may turn up in a line of a later one.
planted: dict[str, set[str]] = {}


def plant(kind: str, text: str) -> None:
    """Note a secret, or what tells who somebody is."""
    if len(text) >= 2:
        planted.setdefault(kind, set()).add(text)
