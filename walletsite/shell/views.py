"""The pages that belong to no room: the front door, help, promises, preferences, and errors."""

from __future__ import annotations

import logging
import re
import sys
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from walletsite.shell import bank, help_search, promises
from walletsite.shell.busy import is_busy
from walletsite.shell.engraving import draw_band, draw_plate
from walletsite.shell.help_pages import PAGES, find_page
from walletsite.shell.offline import offline_page, worker_script
from walletsite.shell.places import HOME
from walletsite.shell.theme import brand_css, brand_css_version, inks

logger = logging.getLogger(__name__)
_REFERENCE = re.compile(r"[0-9A-Z]{1,20}")
_YEAR = 31_536_000


@login_not_required
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The front door; who is signed in goes straight home."""
    if request.user.is_authenticated:
        return redirect(HOME)
    return render(request, "shell/landing.html")


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """The four usual problems, with steps and the links that start the right thing; `?q=` finds
    among all pages."""
    typed = request.GET.get("q", "").strip()[: help_search.LONGEST]
    found = help_search.search_help(typed)
    context = {
        "q": typed,
        "found": found,
        "longest": help_search.LONGEST,
        "main": [page for page in PAGES if page.is_main],
        "more": [page for page in PAGES if page not in found and (found or not page.is_main)],
        "sms": settings.SMS,
    }
    return render(request, "shell/help.html", context)


@login_not_required
@require_safe
def help_entry(request: HttpRequest, slug: str) -> HttpResponse:
    """One trouble: what to do, in order, and the buttons that start it."""
    page = find_page(slug)
    if page is None:
        raise Http404
    payment = request.GET.get("payment", "")
    context = {
        "entry": page,
        # Passed on to support; who may name it is decided there.
        "payment": payment if _REFERENCE.fullmatch(payment) else "",
        "sms": settings.SMS,
    }
    return render(request, "shell/help_entry.html", context)


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What to try without a network; knows nobody, so that a browser may keep it."""
    return offline_page(request, request.GET.get("language", ""))


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps that page; asked for anew each time, so that it is never an old one."""
    language = request.GET.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    response = HttpResponse(worker_script(language), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_safe
def security_promises(request: HttpRequest) -> HttpResponse:
    """Every number we promise, read from the settings that enforce it."""
    return render(request, "shell/promises.html", {"sections": promises.list_promises()})


@login_not_required
@require_safe
def theme_css(request: HttpRequest) -> HttpResponse:
    """The bank's colours. Its address carries a digest, so it may be kept for a year."""
    response = HttpResponse(brand_css(), content_type="text/css; charset=utf-8")
    is_current = request.GET.get("v") == brand_css_version()
    response["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if is_current else "no-cache"
    return response


@login_not_required
@require_safe
def engraving(request: HttpRequest, kind: str) -> HttpResponse:
    """The bank's own pattern, drawn from its code; `kind` is plate or band."""
    draw = draw_plate if kind == "plate" else draw_band
    response = HttpResponse(draw(settings.BANK["code"], *inks()), content_type="image/svg+xml")
    response["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Name and icon for a phone's home screen."""
    icon = {
        "src": static("wallet/favicon.svg"),
        "sizes": "any",
        "type": "image/svg+xml",
    }
    card = {
        "name": bank.product_name(),
        "short_name": bank.bank_name(),
        "start_url": reverse("shell:landing"),
        "display": "standalone",
        "background_color": "#f2f5f5",
        "theme_color": "#f2f5f5",
        "icons": [icon],
    }
    response = JsonResponse(card, content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response


# --- Preferences -------------------------------------------------------------------------


def _back(request: HttpRequest) -> HttpResponse:
    """Return to the page the form stood on, never to another site."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts=None, require_https=request.is_secure()
    )
    return redirect(target if is_ours and target.startswith("/") else reverse("shell:landing"))


def _remember(request: HttpRequest, response: HttpResponse, cookie: str, value: str) -> None:
    response.set_cookie(
        cookie,
        value,
        max_age=_YEAR,
        secure=settings.SECURE_COOKIES,
        httponly=True,
        samesite="Lax",
    )


def _store(request: HttpRequest, **fields: Any) -> None:
    if request.user.is_authenticated:
        get_user_model().objects.filter(pk=request.user.pk).update(**fields)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the pages; stays on the page."""
    response = _back(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _store(request, locale=language)
        _remember(request, response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Choose light, dark, or the same as the device; stays on the page."""
    response = _back(request)
    theme = request.POST.get("theme", "")
    if theme in {"", "light", "dark"}:
        _store(request, theme=theme)
        _remember(request, response, "wallet-theme", theme)
    return response


@require_POST
def hide_amounts(request: HttpRequest) -> HttpResponse:
    """Remember whether amounts are hidden; stays on the page."""
    _store(request, hide_amounts=request.POST.get("hide") == "yes")
    return _back(request)


# --- Errors ------------------------------------------------------------------------------
# Rendered without the request: no session, no user, no data base is touched.


def _error_page(request: HttpRequest, template: str, status: int, **extra: Any) -> HttpResponse:
    preferences = getattr(request, "preferences", None)
    language = preferences.language if preferences else _browser_language(request)
    context = {
        "shell": {
            "theme": preferences.theme if preferences else "",
            "brand_version": brand_css_version(),
        },
        "reference": getattr(request, "reference", ""),
        **extra,
    }
    try:
        with translation.override(language):
            return HttpResponse(render_to_string(template, context), status=status)
    except Exception:
        logger.exception("%s: the error page failed", context["reference"])
        return HttpResponse(_PLAIN % {"reference": context["reference"]}, status=status)


_PLAIN = (
    '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>E</title><main>'
    "<h1>我们这边出了问题</h1><p>如果正在付款，请先到账单确认，再决定要不要重付。</p>"
    '<div lang="en"><h2>Something broke on our side</h2><p>If you were paying, look in your '
    "activity before paying again.</p></div><p>%(reference)s</p></main></html>"
)


def _browser_language(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    return translation.get_language_from_request(request)


def refuse(request: HttpRequest, status: int) -> HttpResponse:
    """The page for a request that no page of ours sends (400, 405, 414)."""
    response = _error_page(request, "400.html", status)
    if status == 405:
        response["Allow"] = "GET, HEAD, POST, OPTIONS"
    return response


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; shows nothing of what was sent."""
    return _error_page(request, "400.html", 400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _error_page(request, "403.html", 403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that is too old or came from elsewhere."""
    return _error_page(request, "403.html", 403, is_old_form=True)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404; the same for what does not exist and what is somebody else's."""
    return _error_page(request, "404.html", 404)


def too_many_requests(request: HttpRequest, retry_after_seconds: int) -> HttpResponse:
    """429 with the time to wait, and the minute from which trying again is worth it."""
    seconds = max(1, int(retry_after_seconds))
    free_at = timezone.now() + timedelta(seconds=seconds)
    again_at = free_at.replace(second=0, microsecond=0)
    if again_at < free_at:
        again_at += timedelta(minutes=1)
    response = _error_page(request, "429.html", 429, retry_after_seconds=seconds, again_at=again_at)
    response["Retry-After"] = str(seconds)
    return response


def paused(request: HttpRequest, template: str, refusal: Any) -> HttpResponse:
    """429: what a person wanted is paused until `refusal.until`; the page of its own says why and
    what can be done now."""
    seconds = max(1, int((refusal.until - timezone.now()).total_seconds()) + 1)
    context = {"refusal": refusal, "until": refusal.until, "seconds_left": seconds}
    response = render(request, template, context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def too_busy(request: HttpRequest) -> HttpResponse:
    """503 with the seconds after which trying again is worth it: others held the database."""
    reference = getattr(request, "reference", "-")
    logger.warning("answered 503 with reference %s: no lock could be had in time", reference)
    seconds = settings.DATABASE_BUSY_RETRY_SECONDS
    response = _error_page(request, "503.html", 503, retry_after_seconds=seconds)
    response["Retry-After"] = str(seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with its reference number, which the log carries too; 503 when what failed outside of
    every view was only a lock."""
    if is_busy(sys.exc_info()[1]):
        return too_busy(request)
    logger.error("answered 500 with reference %s", getattr(request, "reference", "-"))
    return _error_page(request, "500.html", 500)
