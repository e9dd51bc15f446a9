"""The numbers of the security page, read from the settings that enforce them.

Rule 10 of the security notes: each promise is a setting, shown on a public page, and held by a
test that reads the same setting.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from walletsite.shell.figures import write_amount
from walletsite.shell.templatetags.shell import duration


class Section(NamedTuple):
    """A heading with its (what, number) pairs."""

    title: str
    facts: list[tuple[str, str]]


def list_promises() -> list[Section]:
    """Every promise, in the language of the page."""
    return [
        _payment_password(),
        _signing_in(),
        _codes(),
        _sessions(),
        _changes(),
        _caution(),
        _second_proof(),
        _closing(),
        _support(),
        _desk(),
        *(_limits(name) for name in settings.LIMITS),
        _rates(),
    ]


# The lines of the table that the people they limit should know of; whose acts are counted.
_RATES: dict[str, str | Promise] = {
    "sign_in": gettext_lazy("Signing in"),
    "sign_up": gettext_lazy("Opening a wallet"),
    "sign_up.answers": gettext_lazy("Name and phone for a new wallet"),
    "recover": gettext_lazy("A forgotten password"),
    "recover.payment_password": gettext_lazy("Payment passwords for a forgotten login password"),
    "sms.code": gettext_lazy("Codes by text message"),
    "sms.wrong": gettext_lazy("Wrong codes"),
    "sms.notice": gettext_lazy("Notices by text message"),
    "identity.check": gettext_lazy("Checks of name and ID number"),
    "card.add": gettext_lazy("Adding a card"),
    "phone_change": gettext_lazy("A change of phone number"),
    "freeze_code": gettext_lazy("Freezing with a code"),
    "change": gettext_lazy("Changes of passwords, factors, limits and cards"),
    "number_claim": gettext_lazy("Asking for a number that somebody else had"),
    "not_me": gettext_lazy("Saying “this was not me”"),
    "payee.lookup": gettext_lazy("Looking up a new payee"),
    "batch.upload": gettext_lazy("Transfers from a file"),
    "receipt.verify": gettext_lazy("Verifying a receipt"),
    "records.export": gettext_lazy("Exports"),
    "case.open": gettext_lazy("Writing to support"),
    "case.contact": gettext_lazy("Writing to support without signing in"),
    "case.reading": gettext_lazy("Reading an answer without signing in"),
    "case.secret": gettext_lazy("Reading an answer with the reading code"),
}
_WHOSE: dict[str, str | Promise] = {
    "person": gettext_lazy("each person"),
    "number": gettext_lazy("each phone number"),
    "purpose": gettext_lazy("each number and purpose"),
    "stranger": gettext_lazy("each phone number, asked for by strangers"),
    "notice": gettext_lazy("each phone number and kind of notice"),
    "address": gettext_lazy("each network address"),
    "installation": gettext_lazy("everybody together"),
}


def _rates() -> Section:
    """The table of rate limits: the shortest and the longest window of each line."""
    facts = []
    for action, title in _RATES.items():
        for whose, rules in settings.RATE_LIMITS[action].items():
            windows = sorted(rules, key=lambda rule: rule[1])
            most = [
                _("%(count)s in %(period)s") % {"count": count, "period": duration(seconds)}
                for count, seconds in dict.fromkeys((tuple(windows[0]), tuple(windows[-1])))
            ]
            facts.append((f"{title} · {_WHOSE.get(whose, whose)}", " · ".join(most)))
    return Section(_("How often"), facts)


def _ladder(steps: dict[int, int]) -> list[tuple[str, str]]:
    return [
        (
            _("%(count)s wrong tries in a row") % {"count": tries},
            _("pause of %(wait)s") % {"wait": duration(seconds)},
        )
        for tries, seconds in sorted(steps.items())
    ]


def _payment_password() -> Section:
    rules: dict[str, Any] = settings.PAYMENT_PASSWORD
    facts = [
        (_("Length"), _("6 digits; weak ones are refused")),
        *_ladder(rules["ladder"]),
        (
            _("Only a reset helps after"),
            _("%(count)s tries") % {"count": rules["reset_only_after"]},
        ),
        (
            _("Not accepted again"),
            _("the last %(count)s") % {"count": rules["remembered"]},
        ),
        (
            _("Gentle reminder to change it"),
            _("after %(count)s days") % {"count": rules["remind_after_days"]},
        ),
    ]
    return Section(_("Payment password"), facts)


def _signing_in() -> Section:
    rules: dict[str, Any] = settings.SIGN_IN
    facts = [
        *_ladder(rules["ladder"]),
        (
            _("Only a reset helps after"),
            _("%(count)s tries") % {"count": rules["reset_only_after"]},
        ),
        (
            _("Wrong authenticator codes"),
            _("%(count)s, then a pause of %(wait)s")
            % {
                "count": rules["totp_wrong"],
                "wait": duration(rules["totp_lock_seconds"]),
            },
        ),
        (
            _("Recovery codes"),
            _("%(count)s, each works once") % {"count": rules["recovery_codes"]},
        ),
        (_("While sign-in is paused, devices already signed in"), _("keep working")),
    ]
    return Section(_("Signing in"), facts)


def _codes() -> Section:
    rules: dict[str, Any] = settings.SMS
    limits = settings.RATE_LIMITS
    hour = next(count for count, span in limits["sms.code"]["purpose"] if span == 3600)
    facts = [
        (_("Valid for"), duration(rules["code_ttl_seconds"])),
        (_("Send again after"), duration(rules["resend_after_seconds"])),
        (_("Most per hour and purpose"), str(hour)),
        (_("Wrong tries that end a code"), str(rules["wrong_per_code"])),
        (_("Wrong tries per number in an hour"), str(limits["sms.wrong"]["number"][0][0])),
        (
            _("What strangers ask for and type with your number"),
            _("counted apart from you, signed in or in a browser you signed in with"),
        ),
    ]
    return Section(_("Codes by text message"), facts)


def _sessions() -> Section:
    rules: dict[str, Any] = settings.SESSIONS
    facts = [
        (_("The page is covered when idle for"), duration(rules["customer_cover_seconds"])),
        (_("Signed out when idle for"), duration(rules["customer_idle_seconds"])),
        (_("Longest time signed in"), duration(rules["customer_most_seconds"])),
        (
            _("Bank staff signed out when idle for"),
            duration(rules["staff_idle_seconds"]),
        ),
        (
            _("A payment form stays open for"),
            duration(settings.PAYMENTS["form_ttl_seconds"]),
        ),
    ]
    return Section(_("Sessions"), facts)


def _caution() -> Section:
    rules: dict[str, int] = settings.CAUTION
    facts = [
        (_("How long"), duration(rules["seconds"])),
        (_("One payment, at most"), _amount_or_none(rules["single_minor"])),
        (_("In a day, at most"), _amount_or_none(rules["day_minor"])),
        (_("A code to a new number as second proof"), _("not in this time")),
    ]
    return Section(_("After a change of phone number or password"), facts)


def _changes() -> Section:
    claims: dict[str, int] = settings.NUMBER_CLAIMS
    changes: dict[str, int] = settings.CHANGES
    facts = [
        (_("Taken back, where that is safe, for"), duration(changes["undo_seconds"])),
        (
            _("“That was not me” is taken from your phone for"),
            _("%(count)s days") % {"count": changes["told_days"]},
        ),
        (
            _("and from another number that was told, for"),
            _("%(count)s days") % {"count": changes["told_elsewhere_days"]},
        ),
        (
            _("Proof asked again after"),
            duration(settings.SESSIONS["step_up_seconds"]),
        ),
        (
            _("Without the old phone a new number waits"),
            duration(settings.PHONE_CHANGE["wait_seconds"]),
        ),
        (
            _("Time to object when somebody else holds your number"),
            _("%(count)s days") % {"count": claims["wait_days"]},
        ),
        (
            _("“It is still mine” stands for"),
            _("%(count)s days") % {"count": claims["objection_days"]},
        ),
    ]
    return Section(_("Risky changes"), facts)


def _closing() -> Section:
    rules: dict[str, int] = settings.CLOSING
    years = rules["keep_years"]
    facts = [
        (_("Can be taken back for"), duration(rules["wait_seconds"])),
        (
            _("Records are kept for"),
            ngettext("%(count)s year", "%(count)s years", years) % {"count": years},
        ),
        (
            _("Locks and lowered limits follow a phone number alone for"),
            duration(rules["phone_known_days"] * 86_400),
        ),
    ]
    return Section(_("Closing a wallet"), facts)


def _support() -> Section:
    rules: dict[str, Any] = settings.CASES
    (most, seconds), *_longer = settings.RATE_LIMITS["case.contact"]["address"]
    facts = [
        (
            _("Messages without signing in, per network address"),
            _("%(count)s in %(period)s") % {"count": most, "period": duration(seconds)},
        ),
        (
            _("Messages without signing in, per number"),
            _("never refused; many wait behind others"),
        ),
        (_("An answer is read without signing in for"), duration(rules["reading_seconds"])),
        (_("In the browser that wrote, for"), duration(rules["opener_seconds"])),
        (
            _("A closed case can be opened again for"),
            _("%(count)s days") % {"count": rules["reopen_days"]},
        ),
        (
            _("Texts of a closed case are deleted after"),
            _("%(count)s days") % {"count": rules["kept_days"]},
        ),
    ]
    return Section(_("Writing to support"), facts)


def _desk() -> Section:
    rules: dict[str, Any] = settings.SUPPORT
    needed = rules["needed"]
    classes = " · ".join(rules["high_value_classes"])
    facts = [
        (
            _("A record opened with a reason stays open for"),
            duration(rules["visit_seconds"]),
        ),
        (_("Points of the caller's check for ending a lock"), str(needed["unlock"])),
        (
            _("Points for another phone number or without the second step"),
            _("%(points)s, and a second person") % {"points": needed["hand_over"]},
        ),
        (
            _("Ending a lock takes a second person from"),
            _amount_or_none(rules["high_value_minor"]),
        ),
        (_("and for wallets of class"), classes),
        (_("A code for a helper works once, for"), duration(settings.GUIDING["code_seconds"])),
        (
            _("A helper looks with you for at most"),
            duration(settings.GUIDING["view_seconds"]),
        ),
    ]
    return Section(_("When support helps you"), facts)


def _second_proof() -> Section:
    rules: dict[str, int] = settings.SECOND_PROOF
    facts = [
        (_("Suggested from"), _amount_or_none(rules["from_minor"])),
        (_("Suggested to a new payee, over"), _amount_or_none(rules["new_payee_over_minor"])),
        (_("To be given after the payment password within"), duration(rules["open_seconds"])),
        (
            _("A payee is new, and all sent to them counts together, for"),
            duration(rules["payee_known_seconds"]),
        ),
        (_("A browser is new for"), duration(settings.DEVICES["known_seconds"])),
    ]
    return Section(_("Second proof on payments, as you choose"), facts)


def _limits(wallet_class: str) -> Section:
    rules: dict[str, int | None] = settings.LIMITS[wallet_class]
    names = {
        "single": _("One payment, at most"),
        "day": _("In a day, at most"),
        "year": _("In a year, at most"),
        "balance_cap": _("Balance, at most"),
    }
    facts = [(name, _amount_or_none(rules[key])) for key, name in names.items()]
    return Section(_("Wallet of class %(name)s") % {"name": wallet_class}, facts)


def _amount_or_none(amount_minor: int | None) -> str:
    if amount_minor is None:
        return _("no limit")
    return write_amount(amount_minor, currency=settings.WALLET_CURRENCY).text
