"""What pages are called when a helper is told where the customer is. Rooms add their own."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TITLES: dict[str, str | Promise] = {
    "users:me": _("Me"),
    "security:centre": _("Security centre"),
    "security:log": _("Security records"),
    "security:change_undo": _("Take a change back"),
    "guiding:page": _("Help from a person"),
    "guiding:look": _("Let a helper look with you"),
    "guiding:code": _("Code for the helper"),
    "factors:two_factor": _("Second factors"),
    "factors:add_passkey": _("Add a passkey"),
    "factors:passkey": _("Passkey"),
    "factors:confirm": _("Connect your app"),
    "factors:recovery_codes": _("Recovery codes"),
    "factors:step_up": _("Confirm that it is you"),
    "payment_password:change": _("Change the payment password"),
    "payment_password:reset": _("Set a new payment password"),
    "payment_password:reset_code": _("Set a new payment password"),
    "payment_password:reset_factor": _("Set a new payment password"),
    "payment_password:reset_new": _("Set a new payment password"),
    "signin:change_password": _("Change the login password"),
    "signin:resume": _("Go on where you were"),
    "phone_change:start": _("Change the phone number"),
    "phone_change:person": _("Change the phone number"),
    "phone_change:old": _("Change the phone number"),
    "phone_change:new": _("Change the phone number"),
    "identity:add": _("Add name and ID number"),
    "cases:index": _("My cases"),
    "cases:new": _("Write to support"),
    "cases:thread": _("My cases"),
    "shell:help": _("Help"),
    "shell:help_entry": _("Help"),
}


def register_places(titles: Mapping[str, str | Promise]) -> None:
    """Add names of pages: view name -> what it is called."""
    _TITLES.update(titles)


def place_title(view_name: str) -> str | Promise:
    """What the page is called; one that nobody named is another page."""
    return _TITLES.get(view_name) or (_("Another page") if view_name else "")
