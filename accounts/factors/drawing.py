"""A QR code as one SVG path, so that a page can carry it inline under the strict policy."""

from __future__ import annotations

from dataclasses import dataclass

import qrcode


@dataclass(frozen=True)
class QrPath:
    """The side in modules, quiet zone included, and the dark modules as a path."""

    side: int
    path: str


def qr_path(text: str) -> QrPath:
    """Draw `text`: every run of dark modules in a row becomes one rectangle."""
    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    parts: list[str] = []
    matrix = code.get_matrix()
    for y, row in enumerate(matrix):
        start: int | None = None
        for x, is_dark in enumerate([*row, False]):
            if is_dark and start is None:
                start = x
            elif not is_dark and start is not None:
                parts.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
                start = None
    return QrPath(side=len(matrix), path="".join(parts))
