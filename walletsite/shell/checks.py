"""Start-up checks of the bank's colours: a colour nobody can read stops the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Error, register

from walletsite.shell import contrast, theme


@register("shell")
def bank_colours_can_be_read(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse unknown tokens, values that are not #rrggbb, and pairs below the contract."""
    errors: list[CheckMessage] = [
        Error(
            f"BANK_COLOURS: {scheme}.{name} is not a colour of the theme written as #rrggbb.",
            id="shell.E001",
        )
        for scheme, chosen in settings.BANK["colours"].items()
        for name, value in chosen.items()
        if scheme not in {"light", "dark"}
        or name not in theme.MAY_SET
        or not theme.is_colour(value)
    ]
    found = finders.find("wallet/tokens.css")
    if not isinstance(found, str):
        return [*errors, Error("static/wallet/tokens.css is missing.", id="shell.E003")]
    return errors + [
        Error(f"Colours too close. {pair}.", id="shell.E002")
        for pair in contrast.failing_pairs(Path(found))
    ]
