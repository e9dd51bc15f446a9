"""A page with every component of the kit in every state, for the browser tests only."""

from __future__ import annotations

import sqlite3

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from walletsite.shell import forms as kit
from walletsite.urls import handler400, handler403, handler404, handler500
from walletsite.urls import urlpatterns as site_urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500"]


class Everything(forms.Form):
    """One field of each look."""

    phone = forms.CharField(
        label="Phone number",
        help_text="Eleven digits",
        widget=forms.TextInput({"inputmode": "tel"}),
    )
    password = forms.CharField(
        label="Login password",
        help_text="At least 8 characters",
        widget=kit.RevealPasswordInput({"autocomplete": "new-password"}),
    )
    amount = forms.CharField(
        label="Amount", help_text="Available ¥12,846.50", widget=kit.AmountInput()
    )
    pin = forms.CharField(
        label="Payment password",
        help_text="6 digits",
        widget=kit.PaymentPasswordInput({"maxlength": 6}),
    )
    code = forms.CharField(label="6-digit code", widget=kit.CodeInput({"maxlength": 6}))
    when = forms.ChoiceField(
        label="When should it arrive",
        choices=[
            ("now", "At once|Cannot be undone"),
            ("2h", "In 2 hours|Can be cancelled"),
        ],
        widget=kit.ChoiceCards(),
    )
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Anything"), ("b", "Transfer")])
    note = forms.CharField(label="Note", required=False, max_length=40)
    agree = forms.BooleanField(label="I have read the terms", help_text="Version 1")


_TEMPLATE = """{% extends "shell/bare.html" %}
{% block title %}Components{% endblock %}
{% block crumb %}{% include "shell/_crumb.html" with back_url="/" %}{% endblock %}
{% block content %}
{% include "shell/_steps.html" with title="Open a wallet" step=3 total=5 %}
<div class="page__head"><h1>Components</h1><p class="lede">Every state.</p></div>
{% include "shell/_errors.html" with money_says="Nothing was transferred." %}
<form class="form" method="post" novalidate>{% csrf_token %}
{{ form.phone.as_field_group }}{{ form.password.as_field_group }}{{ form.amount.as_field_group }}
{{ form.pin.as_field_group }}{% include "shell/_pin_rules.html" with for_id="id_pin" %}
{{ form.code.as_field_group }}{{ form.when.as_field_group }}{{ form.kind.as_field_group }}
{{ form.note.as_field_group }}{{ form.agree.as_field_group }}
<button class="btn btn--main btn--wide" data-once>Confirm {% money_text 12850 %}</button>
{% include "shell/_keypad.html" with for_id="id_pin" %}
</form>
{% include "shell/_notice.html" with kind="ok" text="Done." %}
{% include "shell/_notice.html" with kind="warn" title="Take care" text="It takes a while." %}
{% include "shell/_notice.html" with kind="bad" title="Not paid" text="Nothing was charged." %}
{% include "shell/_notice.html" with text="For your information." %}
{% include "shell/_notice.html" with kind="plain" icon="shield" text="Plain." %}
<section class="plate"><div class="plate__label"><h2>Balance</h2>{% include "shell/_eye.html" %}</div>
<p class="plate__amount">{% money 1284650 big=True may_hide=True %}</p></section>
<p>{% money 32000 sign="in" %} {% money 2800 sign="out" %} {% amount_in_capitals 60000 %}</p>
<div class="card">{% include "shell/_facts.html" %}</div>
{% include "shell/_empty.html" with title="Nothing yet" text="It will be here." url="/" url_label="Start" %}
{% endblock %}"""


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    """Show the kit; posting shows its errors."""
    form = Everything(request.POST or None) if request.method == "POST" else Everything()
    status = 422 if form.errors else 200
    facts = [
        {"label": "Payee", "value": "Chen *yuan", "change_url": "/"},
        {"label": "Time", "value": "2026-11-22 09:31:06", "is_number": True},
    ]
    page = engines["django"].from_string(_TEMPLATE)
    return HttpResponse(page.render({"form": form, "facts": facts}, request), status=status)


_APP = """{% extends "shell/app.html" %}
{% block title %}Frame{% endblock %}
{% block content %}<h1>Frame</h1>{% endblock %}"""


@login_not_required
def frame(request: HttpRequest) -> HttpResponse:
    """The frame of signed-in pages, with its tabs."""
    return HttpResponse(engines["django"].from_string(_APP).render({}, request))


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """Break, to show the page for it."""
    raise RuntimeError("broken on purpose")


class TooOftenError(Exception):
    """What a throttle raises, by its shape."""

    retry_after_seconds = 840


@login_not_required
def throttled(request: HttpRequest) -> HttpResponse:
    """Ask too often, to show the page for it."""
    raise TooOftenError


@login_not_required
def busy(request: HttpRequest) -> HttpResponse:
    """Wait for a lock in vain, to show the page for it."""
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    raise OperationalError("database is locked") from locked


urlpatterns = [
    path("test/busy/", busy),
    path("test/components/", components),
    path("activity/test/", frame),
    path("test/broken/", broken),
    path("test/throttled/", throttled),
    *site_urlpatterns,
]
