"""What pages are called when a helper is told where the customer is. Rooms add their own."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TITLES: dict[str, str | Promise] = {
    "users:me": _("Me"),
    "security:centre": _("Security centre"),
    "security:change_undo": _("Take a change back"),
    "guiding:page": _("Help from a person"),
    "guiding:look": _("Help from a person"),
    "factors:two_factor": _("Two-step sign-in"),
    "factors:step_up": _("Confirm that it is you"),
    "payment_password:change": _("Change the payment password"),
    "payment_password:reset": _("Reset the payment password"),
    "payment_password:reset_code": _("Reset the payment password"),
    "payment_password:reset_new": _("Reset the payment password"),
    "signin:change_password": _("Change the login password"),
    "phone_change:start": _("Change of phone number"),
    "identity:add": _("Name and ID number"),
    "cases:index": _("My cases"),
    "cases:new": _("Write to support"),
    "shell:help": _("Help"),
    "shell:help_entry": _("Help"),
}


def register_places(titles: Mapping[str, str | Promise]) -> None:
    """Add names of pages: view name -> what it is called."""
    _TITLES.update(titles)


def place_title(view_name: str) -> str | Promise:
    """What the page is called; one that nobody named is another page."""
    return _TITLES.get(view_name) or (_("Another page") if view_name else "")
