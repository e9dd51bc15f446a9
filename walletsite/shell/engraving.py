"""Engraved line patterns (guilloche): each bank its own, as each banknote has.

The bank's code sets lobe counts and phases, the two inks set the colours. Plain SVG with
presentation attributes only, so it stands under the strict content policy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import cos, pi, sin

Point = tuple[float, float]
_TURN = 2 * pi
PLATE_SIZE = (800, 420)
BAND_SIZE = (640, 180)


@lru_cache(maxsize=4)
def draw_plate(seed: str, ink_a: str, ink_b: str) -> str:
    """The balance plate: three rings that fade out under the amount. Inks are `#rrggbb`."""
    width, height = PLATE_SIZE
    b = hashlib.sha256(seed.encode()).digest()
    inner, outer, phase, lobes = 9 + b[0] % 4, 14 + b[1] % 5, b[2] / 255 * _TURN, 6 + b[4] % 4
    rings = (
        (0.55, _rosette((24, 78), inner, 6, phase, detail=8)),
        (0.45, _rosette((84, 158), outer, 8, phase / 2, petal=9, lobes=lobes)),
        (0.30, _rosette((176, 262), outer + 6, 8, phase / 3, petal=13, lobes=lobes)),
    )
    lines = "\n".join(f'<path stroke-opacity="{opacity}" d="{d}"/>' for opacity, d in rings)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' preserveAspectRatio="xMaxYMid slice"><defs>'
        f'<linearGradient id="ink" gradientUnits="userSpaceOnUse" x1="{width * 0.36:.0f}"'
        f' y1="{height}" x2="{width}" y2="0"><stop stop-color="{ink_a}"/>'
        f'<stop offset=".55" stop-color="{ink_a}"/><stop offset="1" stop-color="{ink_b}"/>'
        '</linearGradient><linearGradient id="fade"><stop offset=".12" stop-color="#fff"'
        ' stop-opacity="0"/><stop offset=".62" stop-color="#fff"/></linearGradient>'
        f'<mask id="clear"><rect width="{width}" height="{height}" fill="url(#fade)"/></mask>'
        '</defs><g fill="none" stroke="url(#ink)" stroke-width=".8" mask="url(#clear)">'
        f"{lines}</g></svg>\n"
    )


@lru_cache(maxsize=4)
def draw_band(seed: str, ink_a: str, ink_b: str) -> str:
    """The drifting strip on live codes; repeats seamlessly from left to right."""
    width, height = BAND_SIZE
    b = hashlib.sha256(seed.encode()).digest()
    drawn = _braid(8 + b[5] % 3, b[6] / 255 * _TURN)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}"><defs><linearGradient id="ink" spreadMethod="reflect"'
        f' x2=".5"><stop stop-color="{ink_a}"/><stop offset="1" stop-color="{ink_b}"/>'
        '</linearGradient></defs><path fill="none" stroke="url(#ink)" stroke-width=".8"'
        f' stroke-opacity=".55" d="{drawn}"/></svg>\n'
    )


def _number(value: float) -> str:
    text = f"{round(value, 1):.1f}".removesuffix(".0")
    if text in {"-0", ""}:
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _path(points: Sequence[Point], *, closed: bool) -> str:
    """A smooth path through the mid-points: relative quadratics, so it stays small.

    Each step starts from the rounded position of the last, so rounding never adds up.
    """
    if closed:
        ring = [*points, points[0]]
        mids = [((ax + bx) / 2, (ay + by) / 2) for (ax, ay), (bx, by) in pairwise(ring)]
        x, y = (round(v, 1) for v in mids[-1])
        steps = list(zip(points, mids, strict=True))
    else:
        x, y = (round(v, 1) for v in points[0])
        steps = [(a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)) for a, b in pairwise(points[1:])]
    out, start = [], f"M{_number(x)} {_number(y)}q"
    for (px, py), (mx, my) in steps:
        out.append(" ".join(_number(v) for v in (px - x, py - y, mx - x, my - y)))
        x, y = round(x + round(mx - x, 1), 1), round(y + round(my - y, 1), 1)
    return start + " ".join(out).replace(" -", "-") + ("z" if closed else "")


def _rosette(
    radii: tuple[float, float],
    waves: int,
    strands: int,
    phase: float,
    *,
    petal: float = 0.0,
    lobes: int = 8,
    detail: int = 7,
) -> str:
    """A ring of strands weaving between two radii; `petal` bends the ring into lobes."""
    cx, cy = PLATE_SIZE[0] * 0.8, PLATE_SIZE[1] * 0.42
    middle, swing = sum(radii) / 2, (radii[1] - radii[0]) / 2
    count = waves * detail
    drawn = []
    for strand in range(strands):
        shift = phase + _TURN * strand / strands
        points = []
        for i in range(count):
            angle = _TURN * i / count
            radius = middle + swing * cos(waves * angle + shift) + petal * cos(lobes * angle)
            points.append((cx + radius * cos(angle), cy + radius * sin(angle)))
        drawn.append(_path(points, closed=True))
    return "".join(drawn)


def _braid(waves: int, phase: float, *, swells: int = 2, strands: int = 12) -> str:
    """Strands across the band that swell and narrow; whole cycles, so it tiles."""
    width, height = BAND_SIZE[0], BAND_SIZE[1] * 0.4
    count = waves * 8
    drawn = []
    for strand in range(strands):
        shift = _TURN * strand / strands
        points = []
        for i in range(-1, count + 2):
            angle = _TURN * i / count
            swell = 0.55 + 0.45 * cos(swells * angle + phase)
            lift = height * (
                swell * sin(waves * angle + shift) + 0.35 * sin(swells * angle + shift)
            )
            points.append((width * i / count, BAND_SIZE[1] / 2 + lift))
        drawn.append(_path(points, closed=False))
    return "".join(drawn)
