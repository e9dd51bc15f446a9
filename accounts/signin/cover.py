"""The cover: after five idle minutes nothing is shown until the person proves themselves.

The server decides, so it holds without a script and against one: a covered session gets the page
that asks who is there, whatever it asks for. A form sent meanwhile is not carried out; what was
typed waits for its owner. With a script the page covers itself in time (static/wallet/session.js).
Source: RTS (EU) 2018/389 art. 4(3)(d).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from accounts.security.models import UserSession
from accounts.security.redirects import safe_next
from accounts.security.services import cover_session
from accounts.security.sessions import current_session
from accounts.signin.filling import fill_form
from accounts.signin.kept import KEPT_FIELD, find_kept, keep_form, page_with
from accounts.users.models import User

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# Set by `SessionLifetimeMiddleware` on a request that found its session run out.
SIGNED_OUT = "signed_out_user"
_MAY = "_may_be_covered"
_BACKGROUND_HEADER = "X-Wallet-Background"


def shown_while_covered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that a covered session may use: the ones that end the cover."""
    setattr(view, _MAY, True)
    return view


def is_covered(session: UserSession | None, user: User) -> bool:
    """Whether this browser must prove itself first. Staff are signed out instead."""
    if session is None or user.is_staff:
        return False
    if session.covered_at is not None:
        return True
    idle = timezone.now() - session.last_seen_at
    return idle > timedelta(seconds=settings.SESSIONS["customer_cover_seconds"])


def is_background(request: HttpRequest) -> bool:
    """Whether a page asks by itself: such a request does not show that somebody is there.

    Browsers say so (Fetch Metadata): what a person starts is a navigation with `Sec-Fetch-User`, or
    comes from the address bar. Scripts of ours that ask on a timer say so themselves. Forms are
    sent by people; the page's own script tells us of other activity (`stay`).
    """
    if _BACKGROUND_HEADER in request.headers:
        return True
    mode = request.headers.get("Sec-Fetch-Mode", "")
    if request.method not in {"GET", "HEAD"} or not mode:
        return False
    is_from_bar = request.headers.get("Sec-Fetch-Site", "") in {"none", "cross-site", "same-site"}
    is_by_person = mode == "navigate" and (is_from_bar or "Sec-Fetch-User" in request.headers)
    return not is_by_person


class CoverMiddleware:
    """Keeps a covered session from every page, and brings back what was typed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_shown = request.method == "GET" and KEPT_FIELD in request.GET
        if is_shown and isinstance(response, HttpResponse):
            _fill(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Runs after the check of the CSRF token: what is kept was sent by our own page."""
        # `login_not_required` and Django's own decorators say it so.
        if not getattr(view, "login_required", True):
            return None
        signed_out: User | None = getattr(request, SIGNED_OUT, None)
        if signed_out is not None and request.method == "POST":
            return _send_to("signin:sign_in", request, signed_out)
        user, session = request.user, current_session(request)
        if not user.is_authenticated or session is None or not is_covered(session, user):
            return None
        cover_session(session=session)
        return None if getattr(view, _MAY, False) else _send_to("signin:resume", request, user)


def _send_to(name: str, request: HttpRequest, user: User) -> HttpResponseBase:
    """Go to a door and from there back to the page, with what was typed."""
    target = request.get_full_path()
    if request.method == "POST":
        page = page_of(request)
        kept = keep_form(user=user, page=page, action=request.path, data=request.POST)
        target = page_with(page, kept)
    address = f"{reverse(name)}?{urlencode({'next': target})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(address)
    return redirect(address)


def page_of(request: HttpRequest) -> str:
    """The page a form stood on: where the browser says it comes from, on this host."""
    referer = urlsplit(request.headers.get("Referer", ""))
    path = referer.path + (f"?{referer.query}" if referer.query else "")
    if referer.netloc == request.get_host() and safe_next(request, path):
        return path
    return request.path


def _fill(request: HttpRequest, response: HttpResponse) -> None:
    """Put what was kept into a page that shows a form again."""
    user = request.user
    is_page = response.get("Content-Type", "").startswith("text/html")
    if not (is_page and response.status_code == 200 and user.is_authenticated):
        return
    found = find_kept(user, request.GET[KEPT_FIELD], request.path)
    if found is None:
        return
    action, fields = found
    html = response.content.decode(response.charset)
    filled = fill_form(html, page=request.path, action=action, fields=fields)
    response.content = filled.encode(response.charset)
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))
