"""What every page is given: the bank, the theme, and what the person prefers."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest

from walletsite.shell import bank
from walletsite.shell.places import list_tabs
from walletsite.shell.theme import brand_css_version


def shell(request: HttpRequest) -> dict[str, Any]:
    """Add `shell`: bank, theme ("", "light", "dark"), hide_amounts, here (path and query)."""
    preferences = getattr(request, "preferences", None)
    return {
        "shell": {
            "bank": bank.bank_card(),
            "brand_version": brand_css_version(),
            "theme": preferences.theme if preferences else "",
            "hide_amounts": preferences.hide_amounts if preferences else False,
            "here": request.get_full_path(),
            "reference": getattr(request, "reference", ""),
            "tabs": partial(list_tabs, request.path),
        }
    }
