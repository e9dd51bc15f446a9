"""Comma-separated lines that a spreadsheet opens as they are meant: RFC 4180, UTF-8 with a byte
order mark so that Chinese is read as such, and no cell that is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

BOM = "\ufeff"
# What makes a cell a formula, also in full width. Source: OWASP, CSV Injection.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_line(cells: Sequence[str]) -> str:
    """One line; an apostrophe stands before what would be a formula."""
    out = io.StringIO()
    csv.writer(out).writerow([_as_text(cell) for cell in cells])
    return out.getvalue()


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(_RISKY) else cell
