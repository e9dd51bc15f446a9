"""The queue of reconciliation cases in a real browser: readable in both languages, on any screen."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from payments.banking.models import LinkedCard
from payments.banking.reconciliation.models import ReconciliationCase
from payments.banking.reconciliation.tests.builders import bank_day, sent_out
from payments.banking.reconciliation.tests.conftest import card, files
from tests.browser.axe import DESKTOP, NARROW, PHONE, axe_violations, use_preferences, wide_parts
from tests.cast import make_staff

__all__ = ["card", "files"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]
QUEUE = "/admin/payments/reconciliationcase/"


@pytest.fixture
def desk(page: Page, live_server: Any, alice: User, card: LinkedCard) -> Page:
    """Operations, after a bad day at the bank."""
    sent_out(alice, card, 120_00)
    bank_day("unknown-entries", "duplicate-rows")
    client = Client()
    sign_in_staff(client, make_staff("Operations"))
    value = client.cookies["wallet"].value
    cookie: Any = {"name": "wallet", "value": value, "url": live_server.url, "httpOnly": True}
    page.context.add_cookies([cookie])
    return page


@pytest.mark.once
def test_the_queue_and_a_case_can_be_read_everywhere(desk: Page, live_server: Any) -> None:
    faults = []
    for language in ("en", "zh-hans"):
        use_preferences(desk, live_server.url, language)
        for size in (PHONE, DESKTOP):
            desk.set_viewport_size(size)  # type: ignore[arg-type]
            for case in ReconciliationCase.objects.all():
                desk.goto(f"{QUEUE}{case.pk}/change/")
                faults += [f"{language} {size}: {each}" for each in axe_violations(desk)]
                wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert desk.evaluate(wide) <= 0
    assert faults == []


@pytest.mark.once
def test_lists_of_staff_can_be_read_and_pressed_in_both_looks(desk: Page, live_server: Any) -> None:
    faults = []
    for language, size, scheme in (("zh-hans", PHONE, "dark"), ("en", DESKTOP, "light")):
        use_preferences(desk, live_server.url, language)
        desk.set_viewport_size(size)  # type: ignore[arg-type]
        media: Any = {"color_scheme": scheme, "reduced_motion": "reduce"}
        desk.emulate_media(**media)
        for path in (QUEUE, "/admin/payments/payment/", "/admin/approvals/"):
            desk.goto(path)
            faults += [f"{path} {language} {size}: {each}" for each in axe_violations(desk)]
    desk.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert [*faults, *wide_parts(desk)] == []


def test_a_case_is_taken_and_resolved(desk: Page, live_server: Any) -> None:
    use_preferences(desk, live_server.url, "en")
    desk.goto(QUEUE)
    rows = desk.get_by_role("table")
    rows.get_by_role("link", name="The same order was booked twice").click()
    desk.get_by_role("button", name="Resolve the case").click()
    expect(desk.get_by_text("Write what you found out or did")).to_be_visible()
    desk.get_by_label("What was found out, or done").fill("The bank took the second row back")
    desk.get_by_role("button", name="Resolve the case").click()
    expect(desk.get_by_text("The bank took the second row back")).to_be_visible()
    expect(desk.get_by_role("button", name="Resolve the case")).to_have_count(0)
    assert ReconciliationCase.objects.get(kind="duplicate_entry").is_resolved
