"""Whose browser asks for a code to a number: decided here, once, for every page that asks."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.phone.states import Asker
from accounts.security.devices import find_device_of


def asker_of(request: HttpRequest, phone: str) -> Asker:
    """`OWN` for a browser in which the person with this number (E.164) is signed in, or has been
    and was not forgotten; `STRANGER` for all others.

    A number that nobody has is a stranger's everywhere, and looking costs the same: what a browser
    without the cookie of its person gets says nothing about who has a wallet.
    """
    device = find_device_of(request, phone)
    user = request.user
    is_signed_in = user.is_authenticated and str(user.phone) == phone
    return Asker.OWN if is_signed_in or device is not None else Asker.STRANGER
