"""The headers that every answer carries, whoever made it."""

from __future__ import annotations

from csp.constants import HEADER as CSP_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_OFF = (
    "accelerometer", "autoplay", "display-capture",
    "encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
_OWN = ("camera", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS_POLICY = ", ".join(
    [*(f"{name}=(self)" for name in _OWN), *(f"{name}=()" for name in _OFF)]
)


def bare_headers() -> list[tuple[str, str]]:
    """The same for an answer of the server itself, which has no request and no page."""
    return [*_everywhere(), ("Cache-Control", "no-store"), (CSP_HEADER, build_policy())]


def _everywhere() -> list[tuple[str, str]]:
    return [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("X-Frame-Options", settings.X_FRAME_OPTIONS),
        ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", PERMISSIONS_POLICY),
    ]


def seal(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Add what is missing; says the same thing however often it is called.

    Pages are never stored (DESIGN section 7: money pages), static files keep their own rule.
    The content policy is normally written by django-csp; an answer made outside of it gets
    the same one here.
    """
    for name, value in _everywhere():
        response.headers.setdefault(name, value)
    if response.status_code >= 400:
        # Also of a file that is missing now: it may be there after an upgrade.
        response.headers["Cache-Control"] = "no-store"
    elif not request.path_info.startswith(settings.STATIC_URL):
        response.headers.setdefault("Cache-Control", "no-store")
    if not getattr(response, "_csp_exempt", False):
        response.headers.setdefault(CSP_HEADER, build_policy())
    if "Server" in response.headers:
        del response.headers["Server"]
    return response
