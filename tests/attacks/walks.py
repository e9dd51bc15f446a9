"""The ways a person takes through the site, sent by an attacker's browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from accounts.users.models import User
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.attacks.client import Answer, Browser
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD


@dataclass
class Site:
    """The address under attack."""

    port: int
    broken: list[str] = field(default_factory=list)

    def browser(self, **headers: str) -> Browser:
        """A visitor whom nobody knows."""
        return Browser(self.port, self.broken, **headers)

    def signed_in(self, user: User, password: str = LOGIN_PASSWORD, **headers: str) -> Browser:
        """Somebody who came through the door."""
        browser = self.browser(**headers)
        answer = try_password(browser, str(user.phone), password)
        assert answer.status == 302, answer.text
        return browser


def try_password(browser: Browser, phone: str, password: str) -> Answer:
    """The sign-in form."""
    return browser.post("/sign-in/", {"phone": phone, "password": password})


def transfer_fields(payee: User | str, amount: str = "1.00", **changes: str) -> dict[str, str]:
    """What the compose page sends."""
    text = payee if isinstance(payee, str) else str(payee.phone)
    fields = {"payee": text, "amount": amount, "note": "", "compose_key": str(uuid4())}
    return {**fields, **changes}


def compose(browser: Browser, payee: User | str, amount: str = "1.00", **changes: str) -> str:
    """Write a transfer down; the path of its payment, `/pay/<id>/`."""
    answer = browser.post("/transfer/", transfer_fields(payee, amount, **changes))
    assert answer.status == 302, answer.text
    return answer.location.removesuffix("check/")


def authorise(browser: Browser, payment: str, pin: str = PAYMENT_PASSWORD, **more: str) -> Answer:
    """The form that moves money."""
    return browser.post(f"{payment}authorise/", {"payment_password": pin, **more})


def money_of(user: User) -> int:
    """What the person has now, in minor units."""
    return wallet_balance(get_wallet_for(user)).available_minor
