"""What every request passes before and after the pages.

`RequestGuardMiddleware` refuses what no browser sends. `PageHeadersMiddleware` seals every answer.
`PreferencesMiddleware` sets language and theme once it is known who asks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import get_supported_language_variant

from walletsite.shell import views
from walletsite.shell.busy import is_busy
from walletsite.shell.headers import seal

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

THEME_COOKIE = "wallet-theme"
_THEMES = frozenset({"light", "dark"})
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_OVERRIDES = (
    "HTTP_X_HTTP_METHOD_OVERRIDE",
    "HTTP_X_HTTP_METHOD",
    "HTTP_X_METHOD_OVERRIDE",
)
_LONGEST_PATH = 2048
_LONGEST_QUERY = 4096


class RequestGuardMiddleware:
    """Refuses, before anything reads it, a request that cannot come from our own pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return seal(request, self._answer(request))

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if status := refused_status(request):
            logger.warning("refused with %s", status)
            return views.refuse(request, status)
        try:
            return self.get_response(request)
        except Exception:
            # An error page that fails itself escapes Django's own net (a form sent as utf-16
            # did, see the security notes): nobody gets a bare answer of the server.
            logger.exception("failed while answering")
            return views.server_error(request)


def refused_status(request: HttpRequest) -> int:
    """The status to refuse a request with, or 0 to let it pass."""
    if request.method not in _METHODS:
        return 405
    if any(name in request.META for name in _OVERRIDES):
        return 400
    query = request.META.get("QUERY_STRING", "")
    if len(request.path_info) > _LONGEST_PATH or len(query) > _LONGEST_QUERY:
        return 414
    if "\0" in request.path_info or "\0" in query or "%00" in query:
        return 400
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.strip("\"' ").lower() != "utf-8":
        return 400
    return 0


class PageHeadersMiddleware:
    """Seals every page; shows the page of patience when somebody asks too often, the own page of
    what is paused for a while, and that of a database which was held too long."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return seal(request, self.get_response(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Known by what it carries, so that the page frame needs no app's exception class."""
        if is_busy(exception):
            return views.too_busy(request)
        if page := getattr(exception, "own_page", ""):
            return views.paused(request, page, exception)
        seconds = getattr(exception, "retry_after_seconds", None)
        return None if seconds is None else views.too_many_requests(request, seconds)


@dataclass(frozen=True)
class Preferences:
    """What the reader of a page has chosen."""

    language: str
    theme: str = ""
    hide_amounts: bool = False
    zone: str = ""


class PreferencesMiddleware:
    """Language, theme and clock of the signed-in person, else of the browser and the bank."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        preferences = read_preferences(request)
        request.preferences = preferences  # type: ignore[attr-defined]
        request.LANGUAGE_CODE = preferences.language
        zone = ZoneInfo(preferences.zone or settings.TIME_ZONE)
        with translation.override(preferences.language), timezone.override(zone):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", _html_language(preferences.language))
            return response


def _html_language(language: str) -> str:
    return "zh-Hans" if language == "zh-hans" else language


def cookie_language(request: HttpRequest) -> str:
    """The language of the cookie, else the first the browser asks for that we have."""
    try:
        return get_supported_language_variant(
            request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        )
    except LookupError:
        return translation.get_language_from_request(request)


def read_preferences(request: HttpRequest) -> Preferences:
    """What is stored with the person; what they never chose comes from the browser's cookie."""
    cookie = request.COOKIES.get(THEME_COOKIE, "")
    theme = cookie if cookie in _THEMES else ""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Preferences(cookie_language(request), theme)
    known = dict(settings.LANGUAGES)
    language = user.locale if user.locale in known else cookie_language(request)
    return Preferences(language, user.theme, user.hide_amounts, getattr(user, "zone_name", ""))
