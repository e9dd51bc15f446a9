"""Where a staff session may go: to its own pages, and to none of the customers'.

Source: specs/security, row 38: support never moves money, and staff signed in at the customers'
door are let in nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

# Addresses by the name of their room, or one by one: the admin, proposals, the way in and out,
# fresh proof, one's own factors and password, preferences, help, what every page is made of.
_ROOMS = frozenset({"admin", "adjustments", "granting", "factors"})
_PAGES = frozenset(
    {
        "users:me",
        "security:log",
        "security:end_one",
        "security:end_others",
        "security:end_all",
        "security:forget_device",
        "shell:help",
        "shell:help_entry",
        "shell:promises",
        "shell:offline",
        "shell:service_worker",
        "shell:manifest",
        "shell:brand_css",
        "shell:engraving",
        "shell:set_language",
        "shell:set_theme",
        "shell:hide_amounts",
        "signin:sign_in",
        "signin:passkey",
        "signin:verify",
        "signin:resume",
        "signin:cover",
        "signin:stay",
        "signin:locked",
        "signin:sign_out",
        "signin:change_password",
        "phone:demo_inbox",
    }
)
# What customers are led to after a step, and where staff go on instead.
_INSTEAD = {
    "shell:landing": "admin:index",
    "records:home": "admin:index",
    "security:centre": "users:me",
}


class StaffPlacesMiddleware:
    """Customers' pages are not there for staff sessions; a member of staff who wants a wallet has
    one as a customer, under a number of their own, and signs in to it with another browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Before the view is called, whatever it is guarded by."""
        user, match = request.user, request.resolver_match
        if match is None or not user.is_authenticated or not user.is_staff:
            return None
        name = match.view_name
        if name in _PAGES or (match.namespaces and match.namespaces[0] in _ROOMS):
            return None
        if name in _INSTEAD:
            return redirect(_INSTEAD[name])
        raise Http404
