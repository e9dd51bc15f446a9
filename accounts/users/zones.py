"""The time zones a person can choose: one well-known city for each clock people live by."""

from __future__ import annotations

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# IANA name -> what the page calls it, from east to west.
ZONES: dict[str, str | Promise] = {
    "Pacific/Auckland": _("Auckland"),
    "Australia/Sydney": _("Sydney"),
    "Asia/Tokyo": _("Tokyo"),
    "Asia/Seoul": _("Seoul"),
    "Asia/Shanghai": _("Beijing, Shanghai"),
    "Asia/Hong_Kong": _("Hong Kong"),
    "Asia/Taipei": _("Taipei"),
    "Asia/Singapore": _("Singapore"),
    "Asia/Urumqi": _("Urumqi"),
    "Asia/Bangkok": _("Bangkok"),
    "Asia/Kolkata": _("Delhi, Kolkata"),
    "Asia/Dubai": _("Dubai"),
    "Europe/Moscow": _("Moscow"),
    "Africa/Cairo": _("Cairo"),
    "Africa/Johannesburg": _("Johannesburg"),
    "Europe/Berlin": _("Berlin, Paris, Rome"),
    "Europe/London": _("London"),
    "UTC": _("World time (UTC)"),
    "America/Sao_Paulo": _("São Paulo"),
    "America/New_York": _("New York, Toronto"),
    "America/Chicago": _("Chicago"),
    "America/Denver": _("Denver"),
    "America/Los_Angeles": _("Los Angeles, Vancouver"),
    "Pacific/Honolulu": _("Honolulu"),
}


def zone_label(zone: str) -> str:
    """The name of a zone; one that is not in the list (an operator's own) reads as itself."""
    return str(ZONES.get(zone, zone))


def zone_choices() -> list[tuple[str, str | Promise]]:
    """The bank's own first: what holds for who never chose."""
    bank = _("That of the bank (%(zone)s)") % {"zone": zone_label(settings.TIME_ZONE)}
    return [("", bank), *ZONES.items()]
