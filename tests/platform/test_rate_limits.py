"""One table of rate limits: every entrance of strangers has a line, and the table makes sense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as real_settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from accounts.security.checks import rate_limits_make_sense
from accounts.security.throttle import TooManyRequests, hit
from accounts.users.models import User
from payments.safety.selectors import list_open_freezes
from tests.cast import LOGIN_PASSWORD, wallet_with
from tests.limits import with_limits

ROOT = Path(__file__).parents[2]
# View of a stranger -> line of the table that limits what can be guessed or what costs there.
LIMITED = {
    "signin:sign_in": "sign_in",
    "signin:passkey": "sign_in",
    "signin:recover": "recover",
    "signin:recover_code": "sms.wrong",
    "signup:person": "sign_up.answers",
    "signup:phone": "sign_up.answers",
    "signup:passwords": "sign_up",
    "signup:send_code": "sms.code",
    "signup:code": "sms.wrong",
    "phone:resend": "sms.code",
    "phone:receipts": "sms.receipt_wrong",
    "security:not_me": "not_me",
    "security:not_me_code": "sms.wrong",
    "cases:contact": "case.contact",
    "cases:contact_read": "case.reading",
    "cases:contact_open": "case.secret",
    "cases:contact_code": "sms.wrong",
    "cases:contact_reply": "case.write",
    "safety:freeze": "freeze_code",
    "records:verify": "receipt.verify",
    "recycled:start": "number_claim",
    "recycled:code": "sms.wrong",
    "recycled:former": "sign_in",
}
_OWN_WALK = "only goes on for the browser that proved itself; nothing is looked up by what is typed"
_OWN_LADDER = "counts wrong tries of one person on a ladder of its own"
# View of a stranger -> why it needs no line.
EXEMPT = {
    "admin:login": "sends to the page for signing in",
    "shell:set_language": "sets a cookie",
    "shell:set_theme": "sets a cookie",
    "signin:sign_out": "ends the sender's own session",
    "signin:verify": _OWN_LADDER,
    "signin:recover_identity": _OWN_LADDER,
    "signin:recover_password": _OWN_WALK,
    "signup:start_again": _OWN_WALK,
    "security:not_me_undo": _OWN_LADDER,
    "security:not_me_stop": _OWN_WALK,
    "cases:contact_leave": "forgets what the sender's own session may read",
    "cases:contact_mark_read": _OWN_WALK,
    "cases:contact_close": _OWN_WALK,
    "cases:contact_reopen": _OWN_WALK,
}
SAMPLES = {"public_id": "00000000-0000-4000-8000-000000000000", "provider": "x", "slug": "x"}


def views_for_strangers(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Name and pattern of every address that asks nobody to sign in."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            name = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from views_for_strangers(entry.url_patterns, name)
        elif isinstance(entry, URLPattern) and not getattr(entry.callback, "login_required", True):
            yield f"{prefix}{entry.name}", entry


@pytest.mark.django_db
def test_every_form_for_strangers_has_a_line_in_the_table_or_a_reason(client: Client) -> None:
    taking_forms = set()
    for name, entry in views_for_strangers():
        wanted = entry.pattern.converters
        try:
            path = reverse(name, kwargs={each: SAMPLES[each] for each in wanted})
        except NoReverseMatch:
            continue
        if client.post(path).status_code != 405:
            taking_forms.add(name)
    assert taking_forms == LIMITED.keys() | EXEMPT.keys()
    assert set(LIMITED.values()) <= real_settings.RATE_LIMITS.keys()


def test_no_room_brings_rules_of_its_own() -> None:
    counting = re.compile(r"\b(?:hit|take_room)\((?:[^()]|\([^()]*\))*\brules=")
    files = [each for app in ("accounts", "payments") for each in (ROOT / app).rglob("*.py")]
    found = [
        str(each)
        for each in files
        if "tests" not in each.parts and counting.search(each.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.django_db
def test_a_forged_address_gets_nobody_past_a_limit(client: Client, settings: Any) -> None:
    with_limits(settings, "sign_in", address=[(2, 60)])
    answers = [
        client.post(
            "/sign-in/",
            {"phone": "13900000000", "password": "wrong"},
            headers={"x-forwarded-for": f"203.0.113.{number}", "x-real-ip": f"203.0.113.{number}"},
        )
        for number in range(4)
    ]
    assert [each.status_code for each in answers] == [422, 422, 429, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 61


@pytest.mark.django_db
def test_what_sends_a_notice_each_time_is_counted_and_stopping_money_is_not(
    client: Client, alice: User, settings: Any
) -> None:
    with_limits(settings, "change", person=[(3, 60)])
    wallet_with(alice)
    client.force_login(alice)
    assert client.post("/step-up/", {"password": LOGIN_PASSWORD}).status_code == 302
    statuses = [
        client.post(path, fields).status_code
        for path, fields in (
            ("/security/freeze/code/", {}),
            ("/security/payments/", {"from_amount": "100.00"}),
            ("/me/limits/", {"single": "50.00"}),
            ("/security/freeze/code/", {}),
            ("/security/two-factor/begin/", {}),
            ("/security/payments/", {"from_amount": "200.00"}),
        )
    ]
    assert statuses == [200, 302, 302, 429, 429, 429]
    assert client.post("/security/freeze/").status_code == 302
    assert list_open_freezes(alice)


@pytest.mark.django_db(transaction=True)
def test_an_act_that_one_line_refuses_counts_on_none(settings: Any) -> None:
    with_limits(settings, "case.contact", address=[(3, 60)], number=[(1, 60)])
    hit(action="case.contact", address="192.0.2.1", number="+8613800000001")
    for _try in range(5):
        with pytest.raises(TooManyRequests):
            hit(action="case.contact", address="192.0.2.1", number="+8613800000001")
    hit(action="case.contact", address="192.0.2.1", number="+8613800000002")
    with pytest.raises(KeyError):
        hit(action="case.contact", address="192.0.2.1")


@pytest.mark.parametrize(
    "lines",
    [
        {}, {"nobody": [(1, 60)]}, {"address": []}, {"address": [(0, 60)]},
        {"address": [(5, 60), (5, 3600)]}, {"address": [(5.5, 60)]}, {"address": 5},
    ],
)  # fmt: skip
def test_a_table_that_makes_no_sense_is_refused(settings: Any, lines: Any) -> None:
    assert rate_limits_make_sense(None) == []
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": lines}
    assert [each.id for each in rate_limits_make_sense(None)] == ["accounts.E120"]
