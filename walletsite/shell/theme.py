"""The bank's colours: group 1 of tokens.css, and nothing else, written as a stylesheet."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from django.conf import settings
from django.urls import reverse

# The tokens a bank may set. Paper and code ink stay black on white, or scanners fail.
MAY_SET = frozenset(
    {
        "brand", "brand-hover", "brand-active", "on-brand", "brand-soft", "brand-soft-line",
        "panel", "panel-deep", "on-panel", "on-panel-muted", "panel-line",
        "ink-a", "ink-b", "seal", "brand-on-paper",
    }
)  # fmt: skip
_BUILT_IN_CODE = "EXB"
_HEX = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


def is_colour(value: object) -> bool:
    """Whether `value` is `#rrggbb` and so cannot carry anything else into a stylesheet."""
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def chosen_colours(scheme: str) -> dict[str, str]:
    """The bank's valid choices for "light" or "dark"; everything else is dropped.

    BANK["colours"] is {"light": {"brand": "#7a1f2b"}, "dark": {...}}.
    """
    chosen = settings.BANK["colours"].get(scheme) or {}
    return {k: v.lower() for k, v in sorted(chosen.items()) if k in MAY_SET and is_colour(v)}


def brand_css() -> str:
    """The stylesheet that stands after tokens.css and wallet.css; may be empty."""
    light, dark = (
        "".join(f"--{name}:{value};" for name, value in chosen_colours(scheme).items())
        for scheme in ("light", "dark")
    )
    rules = []
    if light:
        rules.append(f":root{{{light}}}")
    if dark:
        rules.append(
            f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}'
        )
        rules.append(f':root[data-theme="dark"]{{{dark}}}')
    if own := _own_engraving():
        rules.append(f":root{{{own}}}")
    return "@layer tokens{" + "".join(rules) + "}\n" if rules else "/* built-in colours */\n"


def inks() -> tuple[str, str]:
    """The two engraving inks in force."""
    chosen = chosen_colours("light")
    return chosen.get("ink-a", "#7fd1c4"), chosen.get("ink-b", "#f0b483")


def _own_engraving() -> str:
    """Point the stylesheet at the bank's own pattern; the built-in bank uses the static files."""
    code = settings.BANK["code"]
    if code == _BUILT_IN_CODE and not {"ink-a", "ink-b"} & set(chosen_colours("light")):
        return ""
    version = _digest("|".join((code, *inks())))
    return "".join(
        f'--engraving-{kind}:url("{reverse("shell:engraving", args=[kind])}?v={version}");'
        for kind in ("plate", "band")
    )


@lru_cache(maxsize=4)
def _digest(css: str) -> str:
    return hashlib.sha256(css.encode()).hexdigest()[:12]


def brand_css_version() -> str:
    """Changes whenever the stylesheet does, so that it may be cached for a year."""
    return _digest(brand_css())
