"""Levels of assurance: the page, and a check that can say no."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.identity.models import Identity, IdentityCheck
from accounts.identity.selectors import assurance_level
from payments.banking.tests.builders import card_number
from payments.wallets.services import open_wallet
from tests.cast import LOGIN_PASSWORD, make_customer, make_id_number
from tests.doors import signed_in
from tests.limits import with_limits

pytestmark = pytest.mark.django_db(transaction=True)


def add(browser: Client, serial: str) -> Any:
    number = make_id_number(serial=serial)
    browser.post("/step-up/", {"password": LOGIN_PASSWORD})
    return browser.post("/me/identity/", {"name": "陈思远", "id_number": number})


def test_the_page_says_where_one_stands_and_what_comes_next(phones: Any) -> None:
    nobody = make_customer(id_number="")
    open_wallet(user=nobody)
    browser = signed_in(nobody)
    page = browser.get("/me/level/").content.decode()
    assert 'href="/me/identity/"' in page and "You are here" in page
    assert add(browser, "123").status_code == 302
    page = browser.get("/me/level/").content.decode()
    assert 'href="/me/identity/"' not in page and 'href="/cards/add/"' in page


def test_the_check_can_say_no_and_be_out_of_reach(phones: Any, settings: Any) -> None:
    nobody = make_customer(id_number="")
    browser = signed_in(nobody)
    with_limits(settings, "identity.check", person=[(4, 3600)])
    for serial, words in (
        ("001", "could not match"), ("002", "was refused"), ("003", "cannot be done right now")
    ):  # fmt: skip
        answer = add(browser, serial)
        assert answer.status_code == 422 and words in answer.content.decode()
    assert assurance_level(nobody) == "phone" and not Identity.objects.exists()
    assert add(browser, "123").status_code == 302
    assert assurance_level(nobody) == "identity"
    kept = list(IdentityCheck.objects.order_by("pk").values_list("answer", flat=True))
    assert kept == ["mismatch", "refused", "unavailable", "match"]


def test_tries_are_limited(phones: Any, settings: Any) -> None:
    browser = signed_in(make_customer(id_number=""))
    with_limits(settings, "identity.check", person=[(1, 3600)])
    assert [add(browser, "001").status_code for _try in range(2)] == [422, 429]


def test_what_is_kept_of_a_check_cannot_be_changed_and_names_nobody(phones: Any) -> None:
    nobody = make_customer(id_number="")
    add(signed_in(nobody), "001")
    row = IdentityCheck.objects.get()
    number = make_id_number(serial="001")
    assert all("陈" not in str(value) and number not in str(value) for value in vars(row).values())
    with pytest.raises(Exception, match="append-only"):
        IdentityCheck.objects.update(answer="match")


def test_a_card_of_somebody_else_is_not_linked(phones: Any) -> None:
    alice = make_customer("陈思远")
    browser = signed_in(alice)
    number = card_number("62259900000" + "9001")
    answer = browser.post("/cards/add/", {"number": number, "holder_name": "陈思远"})
    assert answer.status_code == 422 and "could not match" in answer.content.decode()
    assert assurance_level(alice) == "identity"
