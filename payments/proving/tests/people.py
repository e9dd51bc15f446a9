"""Short cuts of this room's tests: rules, an authenticator, and the two steps of a payment."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.factors.services import enrol_authenticator
from accounts.signin.tests.doors import app_code
from accounts.users.models import User
from payments.processing.models import Payment
from payments.proving.rules import set_rules
from payments.proving.selectors import Rules
from tests.authenticators import settle
from tests.cast import PAYMENT_PASSWORD


def ask_from(user: User, from_minor: int | None = 1_000_00, **rules: Any) -> None:
    """Have the person want a second proof."""
    set_rules(user=user, rules=Rules(from_minor=from_minor, **rules))


def enrol(user: User) -> str:
    """Give the person an authenticator that is two days old; its secret, for `app_code`."""
    secret = enrol_authenticator(user=user).secret
    settle(user)
    return secret


def browser_of(user: User) -> Client:
    """A browser in which the person is signed in, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def at(payment: Payment, step: str = "") -> str:
    """An address of the payment."""
    return f"/pay/{payment.public_id}/{step}"


def type_password(browser: Client, payment: Payment, raw: str = PAYMENT_PASSWORD) -> Any:
    """The first step."""
    return browser.post(at(payment, "authorise/"), {"payment_password": raw})


def type_code(browser: Client, payment: Payment, code: str) -> Any:
    """The second one."""
    return browser.post(at(payment, "prove/"), {"code": code})


__all__ = ["app_code", "ask_from", "at", "browser_of", "enrol", "type_code", "type_password"]
