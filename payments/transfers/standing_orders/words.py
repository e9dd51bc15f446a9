"""A standing order in sentences."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext, ngettext

from accounts.users.zones import zone_label
from payments.transfers.standing_orders.models import StandingOrder
from payments.transfers.standing_orders.states import Repeats


def day_text(day: date) -> str:
    """2026-12-01, or as the language writes it."""
    return formats.date_format(day, gettext("j M Y"))


def moment_text(moment: datetime, zone: str) -> str:
    """Day and time on the wall clock of that zone."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day_text(local.date())} {local:%H:%M}"


def rhythm_text(order: StandingOrder) -> str:
    """Every month on the 31st at 09:00 (or the last day of a shorter month)."""
    at = f"{order.at_time:%H:%M}"
    day = order.starts_on
    if order.repeats == Repeats.ONCE:
        return gettext("Once, %(day)s at %(at)s") % {"day": day_text(day), "at": at}
    if order.repeats == Repeats.DAILY:
        return gettext("Every day at %(at)s") % {"at": at}
    if order.repeats == Repeats.WEEKLY:
        weekday = formats.date_format(day, "l")
        return gettext("Every week on %(weekday)s at %(at)s") % {"weekday": weekday, "at": at}
    if order.repeats == Repeats.MONTHLY:
        said = {"day": day.day, "at": at}
        if day.day > 28:
            return (
                gettext("Every month on day %(day)s, or the last day of a shorter month, at %(at)s")
                % said
            )
        return gettext("Every month on day %(day)s at %(at)s") % said
    said_day = formats.date_format(day, gettext("j M"))
    return gettext("Every year on %(day)s at %(at)s") % {"day": said_day, "at": at}


def end_text(order: StandingOrder) -> str:
    """Until when it goes on; empty for one that happens once."""
    if order.repeats == Repeats.ONCE:
        return ""
    if order.ends_on is not None:
        return gettext("Until %(day)s") % {"day": day_text(order.ends_on)}
    if order.times is not None:
        return ngettext("%(count)s time", "%(count)s times", order.times) % {"count": order.times}
    return gettext("Until you cancel it")


def zone_text(order: StandingOrder) -> str:
    """The clock that counts."""
    return zone_label(order.zone)
