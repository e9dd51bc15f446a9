"""Template tags and filters of the page frame; built in, no `{% load %}` needed."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from walletsite.shell import bank
from walletsite.shell.capitals import write_in_capitals
from walletsite.shell.figures import SYMBOLS, write_amount

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "", css: str = "") -> SafeString:
    """One shape of icons.svg. Width and paint stand on the element too, so that a browser that
    cannot read the stylesheet does not blow it up. An icon never stands without words."""
    classes = " ".join(part for part in ("icon", size and f"icon--{size}", css) if part)
    return format_html(
        '<svg class="{}" width="20" height="20" fill="none" stroke="currentColor"'
        ' aria-hidden="true"><use href="{}#i-{}"/></svg>',
        classes,
        _sprite(settings.STATIC_URL),
        name,
    )


@lru_cache(maxsize=2)
def _sprite(_static_url: str) -> str:
    return static("wallet/icons.svg")


def _minor_and_currency(amount: Any, currency: str) -> tuple[int, str]:
    """Accept integer minor units, or anything with `.minor` and `.currency`."""
    if hasattr(amount, "minor"):
        return amount.minor, amount.currency
    return int(amount), currency or settings.WALLET_CURRENCY


@register.simple_tag(takes_context=True)
def money(
    context: template.Context,
    amount: Any,
    big: object = False,
    sign: str = "auto",
    currency: str = "",
    may_hide: object = False,
) -> SafeString:
    """An amount in minor units as the design writes it; read out as one piece.

    `sign`: auto | in | out | none ("in" is also coloured). `big=True` for the one number of
    a page. `may_hide=True` obeys the person's wish to hide amounts.
    """
    minor, code = _minor_and_currency(amount, currency)
    figure = write_amount(minor, currency=code, sign=sign)
    classes = "money" + (" money--big" if big else "") + (" money--in" if sign == "in" else "")
    written = format_html(
        '<span class="{}"><span class="sr">{}</span><span aria-hidden="true">{}'
        '<span class="money__sym">{}</span>{}<span class="money__dec">{}</span></span></span>',
        classes,
        figure.text,
        figure.sign,
        figure.symbol,
        figure.whole,
        figure.decimals,
    )
    if not may_hide:
        return written
    is_hidden = bool((context.get("shell") or {}).get("hide_amounts"))
    return format_html(
        '<span data-amount{}>{}</span><span class="{}" data-amount-mask{}>'
        '<span aria-hidden="true">••••••</span><span class="sr">{}</span></span>',
        SafeString(" hidden") if is_hidden else "",
        written,
        classes,
        SafeString("") if is_hidden else SafeString(" hidden"),
        _("Hidden"),
    )


@register.simple_tag
def money_text(amount: Any, sign: str = "auto", currency: str = "") -> str:
    """The same amount as plain text, for sentences, buttons and attributes: ¥1,234.50."""
    minor, code = _minor_and_currency(amount, currency)
    return write_amount(minor, currency=code, sign=sign).text


register.filter("money_text", lambda amount: money_text(amount))


@register.simple_tag
def amount_in_capitals(amount: Any) -> str:
    """An amount of yuan in Chinese capitals, for receipts and check pages."""
    minor, _code = _minor_and_currency(amount, "CNY")
    return write_in_capitals(minor)


@register.filter
def masked_phone(phone: Any) -> str:
    """138 **** 6027: enough to recognise one's own number, not to learn another's."""
    text = str(phone or "").removeprefix("+86").replace(" ", "")
    if text and text[0] not in "+0123456789":
        # Not a number: somebody else has the one they had.
        return "—"
    if len(text) < 8:
        return "****" if text else ""
    return f"{text[:3]} **** {text[-4:]}"


@register.filter
def wallet_number(number: Any) -> str:
    """6210123412346027 -> 6210 1234 1234 6027."""
    text = "".join(str(number or "").split())
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


@register.filter
def masked_wallet_number(number: Any) -> str:
    """6210 **** **** 6027."""
    text = "".join(str(number or "").split())
    return f"{text[:4]} **** **** {text[-4:]}" if len(text) >= 12 else text


def _local(moment: datetime.datetime | datetime.date) -> datetime.date:
    if isinstance(moment, datetime.datetime):
        return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).date()
    return moment


@register.filter
def day_label(moment: datetime.datetime | datetime.date | None) -> str:
    """Today, Yesterday, Tomorrow, else weekday and date; the year when it is not this one."""
    if moment is None:
        return ""
    day, today = _local(moment), timezone.localdate()
    if day == today:
        return _("Today")
    if day == today - datetime.timedelta(days=1):
        return _("Yesterday")
    if day == today + datetime.timedelta(days=1):
        return _("Tomorrow")
    return short_date(day)


@register.filter
def short_date(moment: datetime.datetime | datetime.date | None) -> str:
    """Sun 22 Nov, or with its year when that is not this one."""
    if moment is None:
        return ""
    day = _local(moment)
    # Translators: date format of a day in this year; see Django's "date" filter.
    this_year = _("D j M")
    # Translators: date format of a day in another year; see Django's "date" filter.
    other_year = _("j M Y")
    layout = this_year if day.year == timezone.localdate().year else other_year
    return formats.date_format(day, layout)


@register.filter
def clock(moment: datetime.datetime | None) -> str:
    """09:12, in local time."""
    return timezone.localtime(moment).strftime("%H:%M") if moment else ""


@register.filter
def moment_label(moment: datetime.datetime | None) -> str:
    """Today 09:12, Yesterday 19:26, Sun 22 Nov 08:05: for "since when" and "until when"."""
    return f"{day_label(moment)} {clock(moment)}" if moment else ""


@register.filter
def exact_time(moment: datetime.datetime | None) -> str:
    """2026-11-22 09:31:06, in local time: for facts on receipts."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


@register.simple_tag
def bank_name() -> str:
    """The bank's name in the active language."""
    return bank.bank_name()


@register.simple_tag
def bank_mark() -> str:
    """The one character that stands for the bank."""
    return str(settings.BANK["mark"])


@register.simple_tag
def product_name() -> str:
    """Bank and product together: Example Bank Wallet."""
    return bank.product_name()


@register.simple_tag
def support_phone() -> str:
    """The bank's support number as it is printed."""
    return str(settings.BANK["support_phone"])


@register.filter
def is_at(request: Any, prefix: str) -> bool:
    """Whether the page shown lives below `prefix`; marks the tab one stands on."""
    return bool(request) and request.path.startswith(prefix)


@register.filter
def duration(seconds: int | None) -> str:
    """A wait in words: 42 seconds, 15 minutes, 3 hours."""
    left = max(0, int(seconds or 0))
    if left < 120 and left != 60:
        return ngettext("%(count)s second", "%(count)s seconds", left) % {"count": left}
    if left < 2 * 3600 and left != 3600:
        minutes = -(-left // 60)
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = -(-left // 3600)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


@register.simple_tag
def currency_symbol() -> str:
    """The sign of the wallet's currency."""
    return SYMBOLS[settings.WALLET_CURRENCY]


@register.filter
def error_count(errors: Any) -> int:
    """How many sentences stand in a form's errors."""
    return sum(len(messages) for messages in errors.values())


@register.filter
def anchor(field: Any) -> str:
    """The id that a link from the error summary jumps to."""
    return str(field.id_for_label or field.auto_id)


@register.filter
def is_invalid(attrs: dict[str, Any]) -> bool:
    """Whether a widget is drawn for a field with errors."""
    return attrs.get("aria-invalid") == "true"


@register.filter
def numbers(total: int) -> range:
    """1, 2, ... total."""
    return range(1, int(total) + 1)


@register.filter
def before_bar(label: Any) -> str:
    """The first line of "Text|small print"."""
    return str(label).partition("|")[0]


@register.filter
def after_bar(label: Any) -> str:
    """The small print of "Text|small print", or nothing."""
    return str(label).partition("|")[2]
