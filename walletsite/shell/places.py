"""Where the frame links to: the pages of the rooms, by the names of their addresses."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

HOME = "records:home"


class Place(NamedTuple):
    """One entry of the main navigation."""

    url_name: str
    label: str | Promise
    icon: str
    prefixes: tuple[str, ...]
    is_main: bool = False
    wide_only: bool = False


PLACES = (
    Place("records:home", pgettext_lazy("navigation", "Home"), "home", ("/home/",)),
    Place(
        "records:activity",
        pgettext_lazy("navigation", "Activity"),
        "bills",
        ("/activity/",),
    ),
    Place(
        "transfers:compose",
        _("Transfer"),
        "send",
        ("/transfer/", "/pay/"),
        is_main=True,
    ),
    Place("banking:top_up", _("Top up"), "plus", ("/top-up/", "/cards/")),
    Place("security:centre", _("Security"), "shield", ("/security/",), wide_only=True),
    Place("users:me", pgettext_lazy("navigation", "Me"), "me", ("/me/",)),
)


def list_tabs(path: str) -> list[dict[str, object]]:
    """The tabs, with the one that `path` lives under marked."""
    return [
        {
            "url": reverse(place.url_name),
            "label": place.label,
            "icon": place.icon,
            "is_main": place.is_main,
            "wide_only": place.wide_only,
            "is_current": path.startswith(place.prefixes),
        }
        for place in PLACES
    ]
