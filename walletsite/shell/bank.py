"""The bank's own name and numbers, in the language of the page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def _in_language(key: str) -> str:
    suffix = "zh" if (get_language() or "").startswith("zh") else "en"
    return str(settings.BANK[f"{key}_{suffix}"])


def bank_name() -> str:
    """The bank's name in the active language."""
    return _in_language("name")


def product_name() -> str:
    """Bank and product together, as titles and stamps write it."""
    return _("%(bank)s Wallet") % {"bank": bank_name()}


def bank_card() -> dict[str, Any]:
    """Everything a page shows of the bank: name, mark, code, support phone and hours."""
    phone = str(settings.BANK["support_phone"])
    return {
        "name": bank_name(),
        "mark": settings.BANK["mark"],
        "code": settings.BANK["code"],
        "support_phone": phone,
        "support_phone_uri": "".join(c for c in phone if c.isdigit() or c == "+"),
        "support_hours": _in_language("support_hours"),
    }
