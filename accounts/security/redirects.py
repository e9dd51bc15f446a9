"""Where to go on after a door: back to the page somebody came from, and never off this host."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

_LONGEST = 500


def safe_next(request: HttpRequest, wanted: str | None = None) -> str:
    """`wanted` (or the request's own `next`) when it is a path on this host, else ""."""
    text = wanted
    if text is None:
        text = request.POST.get("next") or request.GET.get("next") or ""
    plain = text.isprintable() and "\\" not in text and len(text) <= _LONGEST
    # Only a path that starts with a single slash: no scheme, no host, nothing to normalise.
    if not plain or not text.startswith("/") or text.startswith("//"):
        return ""
    allowed = url_has_allowed_host_and_scheme(
        text, allowed_hosts=None, require_https=request.is_secure()
    )
    return text if allowed else ""


def next_or_home(wanted: str) -> str:
    """An address already found safe, or the first page after signing in."""
    return wanted or resolve_url(settings.LOGIN_REDIRECT_URL)
