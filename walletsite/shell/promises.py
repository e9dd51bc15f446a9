"""The numbers of the security page, read from the settings that enforce them."""

from __future__ import annotations

from typing import Any


def list_promises() -> list[dict[str, Any]]:
    """Sections of (what, number) pairs; filled in below."""
    return []
