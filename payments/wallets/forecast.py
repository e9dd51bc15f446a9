"""What limits mean for one payment, said before the payment password is asked."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from payments.wallets.amounts import amount_text
from payments.wallets.errors import moment_text
from payments.wallets.models import Wallet
from payments.wallets.selectors import Granted, LimitState, Lowered, limit_state

Text = str | Promise

# Class -> what it takes, and the page where it is done (specs/defaults, "Wallet classes").
NEXT_CLASSES = ("III", "II", "I")
HOW_TO_RAISE: dict[str, Text] = {
    "III": _("Class III raises it: add your name and ID number."),
    "II": _("Class II raises it: add a bank card of your own."),
    "I": _("Class I raises it: have your identity checked at a branch."),
}
RAISE_PAGES = {"III": "identity:add", "II": "banking:add_card"}
# Fewer payments left than this are worth saying.
FEW_PAYMENTS = 10


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a payment would leave of the limits, in sentences, and what raises the tightest.
    `lowered` says why limits are lower for now, "" when they are not."""

    leaves: str
    more: str = ""
    more_url: str = ""
    lowered: str = ""


def find_raising_class(wallet_class: str, rule: str) -> str | None:
    """The next class whose `rule` ("single", "day", "day_count", "year") is wider; None if none."""
    here = settings.LIMITS[wallet_class][rule]
    if here is None:
        return None
    above = NEXT_CLASSES[NEXT_CLASSES.index(wallet_class) + 1 :] if wallet_class != "IV" else None
    for candidate in NEXT_CLASSES if above is None else above:
        there = settings.LIMITS[candidate][rule]
        if there is None or there > here:
            return candidate
    return None


def what_raises(state: LimitState, rule: str) -> Text:
    """One sentence: who can raise this rule, and how; or until when it is lower, and why."""
    if state.lowered is not None and rule in state.lowered.rules:
        return lowered_text(state.lowered)
    if rule in state.own:
        return _("You set this limit yourself and can raise it under Me, Limits.")
    if state.granted is not None and rule in state.granted.rules:
        return granted_text(state.granted)
    raising = find_raising_class(state.wallet_class, rule)
    return HOW_TO_RAISE[raising] if raising else _("The bank sets this limit.")


def _lowered_text(lowered: Lowered) -> str:
    """Why limits are lower than usual, and until when; in the language of whoever reads it."""
    return gettext("For your safety limits are lower until %(until)s: %(reason)s.") % {
        "until": moment_text(lowered.until),
        "reason": lowered.reason,
    }


lowered_text = lazy(_lowered_text, str)


def _granted_text(granted: Granted) -> str:
    """Who set other limits than the class's, until when, and why."""
    return gettext("The bank set other limits for you until %(until)s: %(reason)s.") % {
        "until": moment_text(granted.until),
        "reason": granted.reason.rstrip(".。"),
    }


granted_text = lazy(_granted_text, str)


def forecast_payment(*, wallet: Wallet, amount_minor: int) -> Forecast | None:
    """What is left when `amount_minor` more is paid out now; None for a wallet without limits.

    The tightest of the day's and the year's amount is named, and the number of payments when few
    are left. For a payment beyond the limits it says what they still allow.
    """
    state = limit_state(wallet)
    lefts = {"day": state.day_left, "year": state.year_left}
    known = {rule: left for rule, left in lefts.items() if left is not None}
    sentences = []
    rule = min(known, key=lambda name: known[name]) if known else "day_count"
    if known:
        left_after = known[rule] - amount_minor
        sentences.append(_leaves(rule, max(left_after, 0), wallet.currency))
    count = state.day_count_left
    if count is not None and count <= FEW_PAYMENTS:
        sentences.append(_payments_left(max(count - 1, 0)))
    if not sentences:
        return None
    lowered = str(lowered_text(state.lowered)) if state.lowered else ""
    leaves = gettext("; ").join(sentences)
    if state.lowered is not None and rule in state.lowered.rules:
        return Forecast(leaves=leaves, lowered=lowered)  # time raises it
    more_url = reverse("wallets:limits")
    raising = find_raising_class(state.wallet_class, rule)
    if rule not in state.own and raising in RAISE_PAGES:
        more_url = reverse(RAISE_PAGES[raising])
    more = str(what_raises(state, rule))
    return Forecast(leaves=leaves, more=more, more_url=more_url, lowered=lowered)


def _leaves(rule: str, left_minor: int, currency: str) -> str:
    amount = amount_text(left_minor, currency)
    if rule == "year":
        return gettext("Leaves %(amount)s this year") % {"amount": amount}
    return gettext("Leaves %(amount)s today") % {"amount": amount}


def _payments_left(count: int) -> str:
    return ngettext("%(count)s more payment today", "%(count)s more payments today", count) % {
        "count": count
    }
