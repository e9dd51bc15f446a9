"""Where secrets must not lie: tables, logs, the queue, cookies (row 45)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import connection

from accounts.factors.models import Authenticator
from accounts.signin.tests.doors import app_code
from accounts.users.models import User
from payments.banking.tests.builders import card_number
from tests.attacks.client import SESSION_COOKIE, Browser
from tests.attacks.crowd import codes_at_once
from tests.attacks.walks import Site, authorise, compose, try_password
from tests.cast import fund, make_id_number, make_phone, prove_the_books, read_code, wallet_with

NAME = "欧阳清漪"
LOGIN = "unheard melody 7351"
WRONG_LOGIN = "unseen garden 9914"
PIN, WRONG_PIN, NEW_PIN = "857194", "814926", "952746"
CARD = card_number("621099000007351")


def everything_stored() -> dict[str, str]:
    """Each table of the database as text, whoever made it; sessions opened as well."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = [[_as_text(value) for value in row] for row in cursor.fetchall()]
            found[table] = "\n".join(" ".join(row) for row in rows)
    opened = [str(session.get_decoded()) for session in Session.objects.all()]
    found["django_session"] = "\n".join(opened)
    return found


def _as_text(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)


def queued() -> str:
    """All files of the embedded broker."""
    folder = Path(django_settings.VAR_DIR) / "queue"
    return "\n".join(path.read_text("latin-1") for path in folder.rglob("*") if path.is_file())


def lies_in(secret: str, text: str) -> bool:
    """Whether it stands there as itself, not as part of a longer number, digest or date."""
    if secret not in text:
        return False
    if len(secret) > 8 and not secret.isdigit():
        return True
    return bool(re.search(rf"(?<![0-9A-Za-z+/=_.-]){re.escape(secret)}(?![0-9A-Za-z+/=_.-])", text))


class Journey:
    """Somebody who types a secret into every field of the site."""

    def __init__(self, site: Site) -> None:
        self.site, self.browser = site, site.browser()
        self.phone, self.id_number = make_phone(), make_id_number()
        self.codes: list[str] = []
        self.others: list[str] = []

    def code(self) -> str:
        """The newest code, remembered."""
        code = read_code(self.phone)
        self.codes.append(code)
        return code

    def open_wallet(self) -> User:
        """Every page of it, with mistakes."""
        browser = self.browser
        person = {"name": NAME, "id_number": self.id_number, "phone": self.phone, "agree": "on"}
        browser.post("/open/person/", {**person, "phone": LOGIN})
        assert browser.post("/open/person/", person).status == 302
        words = {"payment_password": PIN, "payment_password_again": PIN, "login_password": LOGIN}
        browser.post("/open/passwords/", {**words, "payment_password_again": WRONG_PIN})
        assert browser.post("/open/passwords/", words).status == 302
        browser.post("/open/code/", {"code": PIN})
        assert browser.post("/open/code/", {"code": self.code()}).location == "/opened/"
        return User.objects.get(phone=self.phone)

    def sign_in(self) -> None:
        """Passwords in the wrong boxes first."""
        door = self.site.browser()
        try_password(door, LOGIN, self.phone)
        try_password(door, self.phone, WRONG_LOGIN)
        door.get(f"/sign-in/?password={quote(LOGIN)}&next=/home/")
        assert try_password(door, self.phone, LOGIN).status == 302
        self.browser = door

    def pay(self, payee: User) -> None:
        """Wrong, then right."""
        payment = compose(self.browser, payee, "2.00")
        authorise(self.browser, payment, WRONG_PIN)
        authorise(self.browser, payment, LOGIN)
        assert authorise(self.browser, payment, PIN).location == payment
        words = {"payment_password": NEW_PIN, "payment_password_again": NEW_PIN}
        self.browser.post("/step-up/", {"password": LOGIN})
        path = "/security/payment-password/"
        self.browser.post(path, {"old": WRONG_PIN, **words})
        assert self.browser.post(path, {"old": PIN, **words}).status == 302

    def add_card(self) -> None:
        """With its code."""
        answer = self.browser.post("/cards/add/", {"number": CARD, "holder_name": NAME})
        assert answer.status == 302, answer.text
        assert self.browser.post(answer.location, {"code": self.code()}).status == 302

    def switch_two_step_on(self, user: User) -> None:
        """The key, an app's code and ten recovery codes."""
        self.browser.post("/step-up/", {"password": WRONG_LOGIN})
        assert self.browser.post("/step-up/", {"password": LOGIN}).status == 302
        self.browser.post("/security/two-factor/begin/")
        page = self.browser.get("/security/two-factor/confirm/").text
        [key] = re.findall(r"(?:[A-Z2-7]{4} ){3,}[A-Z2-7]{1,4}", page)[:1]
        key = key.replace(" ", "")
        code = app_code(key)
        shown = self.browser.post("/security/two-factor/confirm/", {"code": code})
        assert shown.status == 200, shown.text
        codes = re.findall(r"\b(?:[A-Z2-7]{4}[- ]){3}[A-Z2-7]{4}\b", shown.text)
        assert len(codes) == 10
        self.others += [key, *codes, *[code.replace("-", "").replace(" ", "") for code in codes]]
        self.others.append(Authenticator.objects.get(user=user).key().hex())

    def forget(self) -> None:
        """A new login password, over the phone."""
        browser = self.site.browser()
        browser.post("/recover/login/", {"phone": self.phone})
        assert browser.post("/recover/login/code/", {"code": self.code()}).status == 302
        browser.post("/recover/login/identity/", {"digits": "654321"})
        digits = {"digits": self.id_number[-6:]}
        assert browser.post("/recover/login/identity/", digits).status == 302


def test_nothing_secret_lies_in_clear_anywhere_after_the_whole_journey(
    site: Site,
    bob: User,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    codes_at_once(settings)
    for logger in ("", "django", "axes", "accounts", "payments", "celery", "kombu", "waitress"):
        caplog.set_level("DEBUG", logger=logger)
    wallet_with(bob)
    journey = Journey(site)
    user = journey.open_wallet()
    fund(wallet_with(user), "10.00")
    journey.sign_in()
    journey.pay(bob)
    journey.add_card()
    journey.switch_two_step_on(user)
    journey.forget()
    said = capfd.readouterr()
    spoken = caplog.text + said.out + said.err
    stored = everything_stored()
    assert len(stored) > 30
    long_lived = [
        LOGIN, WRONG_LOGIN, PIN, WRONG_PIN, NEW_PIN, journey.id_number, CARD, NAME,
        *journey.others,
    ]  # fmt: skip
    for secret in [*long_lived, *journey.codes]:
        for table, text in stored.items():
            assert not lies_in(secret, text), (table, secret)
        assert not lies_in(secret, queued()), secret
        assert not lies_in(secret, spoken), secret
    for word in (journey.browser.cookies[SESSION_COOKIE], journey.browser.token()):
        assert word not in spoken
        tables = [table for table, text in stored.items() if word in text]
        assert not set(tables) - {"django_session"}
    assert_cookies_hold_nothing(journey.browser, journey)
    prove_the_books()


def assert_cookies_hold_nothing(browser: Browser, journey: Journey) -> None:
    """A cookie names a session; it carries nothing."""
    for value in browser.cookies.values():
        for secret in (LOGIN, PIN, NAME, journey.id_number, journey.phone[3:]):
            assert secret not in value


def test_an_error_in_the_middle_of_paying_puts_no_secret_into_the_log(
    site: Site, rich_alice: User, bob: User, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    browser = site.signed_in(rich_alice)
    payment = compose(browser, bob)

    def break_down(**given: Any) -> None:
        raise RuntimeError("a part of the site is broken")

    monkeypatch.setattr("payments.processing.views.confirm_payment", break_down)
    answer = authorise(browser, payment, PIN)
    assert answer.status == 500
    site.broken.clear()
    said = capfd.readouterr()
    for text in (answer.text, caplog.text, said.out, said.err):
        assert PIN not in text
        assert browser.cookies[SESSION_COOKIE] not in text
    assert "RuntimeError" not in answer.text
    assert "RuntimeError" in caplog.text
    prove_the_books()
