"""Asking for a passkey on a page, and taking what the page sends back.

The page carries the question (`PasskeyAsk.options`) and a hidden field; static/wallet/passkeys.js
hands the question to the browser and sends the answer with the form. Without the script the form
does not show, and the other ways stay.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token

from accounts.factors.errors import PasskeyRefused
from accounts.factors.models import Passkey
from accounts.factors.passkey_challenges import Occasion, Place
from accounts.factors.passkeys import check_passkey, options_to_add, options_to_prove
from accounts.factors.selectors import has_passkey
from accounts.security.addresses import client_address
from accounts.security.sessions import current_session
from accounts.users.models import User

# The field of the form in which the browser's answer comes.
FIELD = "credential"
ADD = "add"


@dataclass(frozen=True)
class PasskeyAsk:
    """What a page hands to the browser: `kind` is "create" or "get", `options` is JSON."""

    kind: str
    options: str


def place_of(request: HttpRequest) -> Place | None:
    """Where this request came to; None where browsers have no passkeys: at an address without a
    name, without encryption, or beside the domain that is set (`PASSKEYS["domain"]`)."""
    host = request.get_host()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    domain = settings.PASSKEYS["domain"] or name
    is_here = name == domain or name.endswith(f".{domain}")
    is_safe = request.is_secure() or name == "localhost"
    if _is_number(name) or not is_here or not is_safe:
        return None
    return Place(domain=domain, origin=f"{request.scheme}://{host}")


def ask_to_add(request: HttpRequest, user: User) -> PasskeyAsk | None:
    """The question by which a new passkey is made; None where there are none."""
    place = place_of(request)
    if place is None:
        return None
    occasion = occasion_of(request, ADD, person=user)
    return PasskeyAsk("create", options_to_add(user=user, place=place, occasion=occasion))


def ask_to_prove(
    request: HttpRequest, purpose: str, *, person: User | None = None, bound_to: str = ""
) -> PasskeyAsk | None:
    """The question to sign, for somebody who has a passkey or, without `person`, for whoever comes;
    None where there are none. `purpose` and `bound_to` are what the answer proves, and no more."""
    place = place_of(request)
    if place is None or (person is not None and not has_passkey(person)):
        return None
    occasion = occasion_of(request, purpose, person=person, bound_to=bound_to)
    return PasskeyAsk("get", options_to_prove(place=place, occasion=occasion, user=person))


def is_answered(request: HttpRequest) -> bool:
    """Whether the form that was sent is the one with a passkey's answer."""
    return FIELD in request.POST


def take_answer(
    request: HttpRequest, purpose: str, *, person: User | None = None, bound_to: str = ""
) -> Passkey:
    """The passkey that answered what `ask_to_prove` asked. Raises `PasskeyRefused`. Call it
    outside any transaction."""
    return check_passkey(
        answer=request.POST.get(FIELD, ""),
        place=place_of(request),
        occasion=occasion_of(request, purpose, person=person, bound_to=bound_to),
        user=person,
        address=client_address(request),
    )


def need_place(request: HttpRequest) -> Place:
    """The place, for those that cannot go on without. Raises `PasskeyRefused`."""
    place = place_of(request)
    if place is None:
        raise PasskeyRefused
    return place


def occasion_of(
    request: HttpRequest, purpose: str, *, person: User | None = None, bound_to: str = ""
) -> Occasion:
    """What an answer from this browser would prove; `person` is who it must be, if known."""
    return Occasion(
        purpose=purpose,
        browser=_browser_of(request),
        person=str(person.public_id) if person else "",
        bound_to=bound_to,
    )


def _browser_of(request: HttpRequest) -> str:
    """What questions are tied to: the signed-in session, or the browser before signing in."""
    session = current_session(request)
    if session is not None:
        return f"session {session.public_id}"
    get_token(request)
    return f"browser {request.META['CSRF_COOKIE']}"


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
