"""The page between the payment password and the money: the same for whatever is authorised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise

from accounts.caution.selectors import new_phone_until
from accounts.factors.passkey_asking import ask_to_prove, is_answered, take_answer
from accounts.factors.selectors import get_authenticator
from accounts.factors.services import factor_state
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import current_session
from payments.proving.asking import REASONS, Ask
from payments.proving.errors import SecondProofOver
from payments.proving.forms import FactorForm, PassedForm
from payments.proving.models import SecondProof
from payments.proving.services import (
    PURPOSE,
    find_proof,
    pass_by_passkey,
    pass_proof,
    reasons_shown,
    send_proof_code,
    way_of,
)

TEMPLATE = "payments/proving/prove.html"


@dataclass(frozen=True)
class Step:
    """What the page needs to know: where it stands between which pages, and what comes of it.

    finish: moves the money, using the proof up; runs after it was passed, outside transactions.
    """

    ask: Ask
    finish: Callable[[], object]
    prove_url: str
    authorise_url: str
    done_url: str
    title: str | Promise
    icon: str = "send"


def begin_step(request: HttpRequest, step: Step) -> HttpResponse:
    """The payment password was right: send the code where that is the proof, then to the page."""
    proof = find_proof(step.ask, current_session(request))
    if proof is not None and way_of(proof.user) == SecondProof.Way.SMS:
        challenge = find_challenge(proof.challenge_id, session_key_of(request))
        if proof.proved_at is None and (challenge is None or challenge.consumed_at is not None):
            _send(request, step, proof)
    return redirect(step.prove_url)


def prove_step(request: HttpRequest, step: Step) -> HttpResponse:
    """Take the second proof; only this POST moves money. GET shows what is asked for and why."""
    proof = find_proof(step.ask, current_session(request))
    if proof is None:
        return _over(step)
    if request.method != "POST":
        return _page(request, step, proof, _form(proof), status=200)
    if "send" in request.POST and proof.proved_at is None:
        if way_of(proof.user) == SecondProof.Way.SMS:
            _send(request, step, proof)
        return redirect(step.prove_url)
    is_answer = is_answered(request)
    form = _form(proof, None if is_answer else request.POST)
    if is_answer or form.is_valid():
        try:
            # The session keeps its key, as with the payment password: this authorises a payment,
            # and whoever loses the answer on the way must find out in the same browser.
            _pass(request, step, proof, form)
            step.finish()
        except SecondProofOver:
            return _over(step)
        except Refusal as refusal:
            return _refused(request, step, proof, refusal)
        return redirect(step.done_url)
    return _page(request, step, proof, form, status=422)


def _pass(request: HttpRequest, step: Step, proof: SecondProof, form: forms.Form) -> None:
    address = client_address(request)
    if is_answered(request):
        pass_by_passkey(
            proof=proof,
            ask=step.ask,
            check=lambda: take_answer(
                request, PURPOSE, person=proof.user, bound_to=step.ask.digest
            ),
            address=address,
        )
        return
    pass_proof(
        proof=proof,
        ask=step.ask,
        typed=form.cleaned_data.get("code", ""),
        session_key=session_key_of(request),
        address=address,
    )


def _refused(
    request: HttpRequest, step: Step, proof: SecondProof, refusal: Refusal
) -> HttpResponse:
    """Not right, or right and the payment is refused: then the proof still stands."""
    proof.refresh_from_db()
    form = _form(proof, None if is_answered(request) else request.POST)
    add_refusal(form, refusal)
    return _page(request, step, proof, form, status=422)


def _over(step: Step) -> HttpResponse:
    """Back to the payment password, which says why; if all is done meanwhile, that page knows."""
    return redirect(f"{step.authorise_url}?over=1")


def _form(proof: SecondProof, data: Any = None) -> forms.Form:
    if proof.proved_at is not None:
        return PassedForm(data)
    if way_of(proof.user) is None:
        return forms.Form(data)
    if way_of(proof.user) == SecondProof.Way.SMS:
        return CodeForm(data)
    return FactorForm(data, has_app=get_authenticator(proof.user) is not None)


def _send(request: HttpRequest, step: Step, proof: SecondProof) -> None:
    try:
        send_proof_code(
            proof=proof,
            ask=step.ask,
            session_key=session_key_of(request),
            address=client_address(request),
        )
    except Refusal as refusal:
        messages.warning(request, refusal.message)


def _page(
    request: HttpRequest, step: Step, proof: SecondProof, form: forms.Form, *, status: int
) -> HttpResponse:
    way = way_of(proof.user)
    challenge = find_challenge(proof.challenge_id, session_key_of(request))
    if challenge is not None and challenge.consumed_at is not None:
        challenge = None
    context: dict[str, Any] = {
        "step": step,
        "ask": step.ask,
        "proof": proof,
        "form": form,
        "is_passed": proof.proved_at is not None,
        "is_sms": way == SecondProof.Way.SMS,
        "waits_until": new_phone_until(proof.user) if way is None else None,
        "reasons": [REASONS[reason] for reason in reasons_shown(proof) if reason in REASONS],
        "challenge": challenge,
        "status": code_status(challenge) if challenge else None,
        "user_phone": str(proof.user.phone),
    }
    if way == SecondProof.Way.FACTOR:
        tries = factor_state(proof.user)
        most = settings.SIGN_IN["totp_wrong"]
        context |= {"locked_until": tries.locked_until, "wrong": tries.wrong}
        context["has_app"] = get_authenticator(proof.user) is not None
        context["passkey"] = ask_to_prove(
            request, PURPOSE, person=proof.user, bound_to=step.ask.digest
        )
        context["tries_left"] = max(1, most - tries.wrong)
    return render(request, TEMPLATE, context, status=status)
