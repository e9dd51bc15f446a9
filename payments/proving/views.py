"""When I want to be asked for a second proof."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.factors.errors import FreshProofNeeded
from accounts.security.sessions import current_session, signed_in_user
from accounts.security.step_up import count_change, has_fresh_proof
from ledger.money import Money
from payments.proving.forms import RulesForm
from payments.proving.models import SecondProof
from payments.proving.rules import set_rules, tighten_rules
from payments.proving.selectors import Rules, rules_of
from payments.proving.services import way_of

FIELDS = ("from_amount", "new_payee_over", "on_new_devices")


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Three reasons to be asked. More protection holds at once; less asks for fresh proof first,
    and the form comes back as it was typed."""
    me = signed_in_user(request)
    currency = settings.WALLET_CURRENCY
    now = rules_of(me)
    if request.method != "POST":
        typed = {name: request.GET[name] for name in FIELDS if name in request.GET}
        shown = typed or _as_typed(now if now.are_on else _suggested())
        form = RulesForm(initial=shown, currency=currency)
        return _page(request, form, now, status=200)
    form = RulesForm(request.POST, currency=currency)
    if form.is_valid():
        wanted, is_proved = form.rules(), has_fresh_proof(request)
        if wanted.lowers(now) and not is_proved:
            return _ask_proof(wanted)
        count_change(request)
        write = set_rules if is_proved else tighten_rules
        try:
            write(user=me, rules=wanted, session=current_session(request))
        except FreshProofNeeded:
            # They were made stricter since the page was asked for.
            return _ask_proof(wanted)
        messages.success(request, _("Saved. It holds for every payment from now on."))
        return redirect("proving:rules")
    return _page(request, form, now, status=422)


def _ask_proof(wanted: Rules) -> HttpResponse:
    """What was typed comes back with the page."""
    back = f"{reverse('proving:rules')}?{urlencode(_as_typed(wanted))}"
    return redirect(f"{reverse('factors:step_up')}?{urlencode({'next': back})}")


def _suggested() -> Rules:
    rules = settings.SECOND_PROOF
    return Rules(rules["from_minor"], rules["new_payee_over_minor"], on_new_devices=True)


def _as_typed(rules: Rules) -> dict[str, str]:
    """The rules as the form shows them; what is not set is empty."""

    def text(minor: int | None) -> str:
        return "" if minor is None else str(Money(minor, settings.WALLET_CURRENCY))

    return {
        "from_amount": text(rules.from_minor),
        "new_payee_over": text(rules.new_payee_over_minor),
        "on_new_devices": "on" if rules.on_new_devices else "",
    }


def _page(request: HttpRequest, form: RulesForm, now: Rules, *, status: int) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "are_on": now.are_on,
        "payee_known_seconds": settings.SECOND_PROOF["payee_known_seconds"],
        "is_sms": way_of(signed_in_user(request)) == SecondProof.Way.SMS,
    }
    return render(request, "payments/proving/rules.html", context, status=status)
