"""The contrast contract: which colours meet, and how far apart they must be.

Ratios after WCAG 2.2, success criteria 1.4.3 (text, 4.5:1) and 1.4.11 (marks, 3:1). A component
that puts a text role on a surface that is not listed here adds the pair first.
"""

from __future__ import annotations

import re
from pathlib import Path

from walletsite.shell.theme import chosen_colours

TEXT, MARK = 4.5, 3.0

PAIRS: tuple[tuple[str, str, float], ...] = tuple(
    (front, back, least)
    for least, fronts_by_back in (
        (
            TEXT,
            {
                "bg": "text text-muted text-faint link brand danger money-in gain loss",
                "surface": "text text-muted text-faint link brand success warning danger "
                "money-in gain loss seal",
                "surface-sunken": "text text-muted text-faint link",
                "surface-raised": "text text-muted text-faint money-in brand",
                "tile": "text-muted",
                "brand-soft": "text text-muted link brand",
                "warning-soft": "text link warning",
                "danger-soft": "text link danger",
                "success-soft": "text success",
                "info-soft": "text info",
                "brand": "on-brand",
                "brand-hover": "on-brand",
                "brand-active": "on-brand",
                "panel": "on-panel on-panel-muted",
                "panel-deep": "on-panel on-panel-muted",
                "on-panel": "panel-deep",
                "paper": "on-paper on-paper-muted brand-on-paper code-ink",
                "danger": "on-danger",
                "danger-hover": "on-danger",
            },
        ),
        (
            MARK,
            {
                "bg": "line-control focus",
                "surface": "line-control focus chart-1 chart-2 chart-3 chart-4 chart-5 chart-6 "
                "chart-ghost",
                "brand-soft": "focus",
                "paper-line": "brand-on-paper",
            },
        ),
        (1.5, {"panel": "panel-line"}),
    )
    for back, fronts in fronts_by_back.items()
    for front in fronts.split()
)


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    value = colour.lstrip("#")
    channels = [int(value[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, two: str) -> float:
    """Contrast of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _read(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})\b", block))


def _block(css: str, selector: str) -> dict[str, str]:
    start = css.index(selector)
    return _read(css[start : css.index("}", start)])


def read_schemes(css: str) -> dict[str, dict[str, str]]:
    """The colours of both schemes in tokens.css; ValueError if its dark blocks differ."""
    light = _block(css, ":root {")
    by_device = _block(css, ':root:not([data-theme="light"]) {')
    fixed = _block(css, ':root[data-theme="dark"] {')
    if by_device != fixed:
        raise ValueError("the two dark blocks of tokens.css differ")
    return {"light": light, "dark": {**light, **fixed}}


def failing_pairs(tokens_css: Path) -> list[str]:
    """Every pair that is too close with the bank's colours in place, named for its mender."""
    css = tokens_css.read_text(encoding="utf-8")
    failures = []
    for scheme, colours in read_schemes(css).items():
        used = {**colours, **_in_force(scheme, css)}
        for front, back, least in PAIRS:
            got = ratio(used[front], used[back])
            if got < least:
                failures.append(f"{scheme}: {front} on {back} is {got:.2f}, needs {least}")
    return failures


def _in_force(scheme: str, css: str) -> dict[str, str]:
    """The bank's colours as the cascade applies them: brand.css stands after tokens.css in the
    same layer, and a light choice loses to a dark block only where that is more specific."""
    if scheme == "light":
        return chosen_colours("light")
    own_dark = _block(css, ':root[data-theme="dark"] {')
    carried = {k: v for k, v in chosen_colours("light").items() if k not in own_dark}
    return {**carried, **chosen_colours("dark")}
