"""The site's addresses, and two that only a measurement needs."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from accounts.payment_password.hashing import opens, seal
from walletsite.urls import urlpatterns as site_urls

_OWNER = uuid4()


def empty(request: HttpRequest) -> HttpResponse:
    """The frame of a signed-in page with nothing in it."""
    return render(request, "shell/app.html")


def hashed(request: HttpRequest) -> HttpResponse:
    """The same, and one check of a payment password: what its deliberate cost is."""
    opens(seal_of_digits(), owner=_OWNER, raw="000000")
    return render(request, "shell/app.html")


def seal_of_digits() -> object:
    """Made once for each process."""
    global _SEALED
    if _SEALED is None:
        _SEALED = seal(owner=_OWNER, raw="739164")
    return _SEALED


_SEALED: object = None

urlpatterns = [
    path("bench/empty/", empty),
    path("bench/hashed/", hashed),
    *site_urls,
]
