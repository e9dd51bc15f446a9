"""Withdrawing in a real browser, and what the pages do when an answer does not come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from accounts.users.models import User
from payments.banking.clearing import open_overdue_cases
from payments.banking.models import BankOrder
from payments.banking.states import OrderKind
from payments.banking.tests.banks import PENDING, RETURNED, SETTLED, TOLD
from payments.banking.tests.builders import hear, link_card, order_of, withdrawn
from payments.processing.models import Payment
from tests.browser.axe import assert_page_is_accessible_everywhere, use_preferences
from tests.browser.test_paying import cookie_of
from tests.cast import PAYMENT_PASSWORD, prove_the_books, wallet_with

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]


@pytest.fixture
def signed_in(page: Page, live_server: Any, alice: User, settings: Any, phones: Any) -> Page:
    """A tab in which alice, who has money and a card, has signed in; the bank is told what to say."""
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": TOLD}
    wallet_with(alice, "500.00")
    link_card(alice)
    page.context.add_cookies([cookie_of(alice, live_server.url)])
    use_preferences(page, live_server.url, "en")
    return page


def authorise(tab: Page, amount: str) -> None:
    """From the form to the payment password, not pressed yet."""
    tab.goto("/withdraw/")
    tab.get_by_label("Amount").fill(amount)
    tab.get_by_label("Amount").press("Enter")
    tab.get_by_role("link", name="All correct").click()
    tab.get_by_label("Payment password").fill(PAYMENT_PASSWORD)


@pytest.mark.once
def test_the_pages_of_a_withdrawal_are_accessible(signed_in: Page, alice: User) -> None:
    card = alice.linked_cards.get()
    order = order_of(withdrawn(alice, card, 120_00), OrderKind.PAY_OUT)
    hear(order, PENDING)
    BankOrder.objects.update(created_at=timezone.now() - timedelta(minutes=31))
    open_overdue_cases()
    back = hear(order_of(withdrawn(alice, card, 50_00), OrderKind.PAY_OUT), SETTLED, RETURNED)
    sent = Payment.objects.get(pk=order.payment_id).public_id
    for address in (
        "/withdraw/",
        f"/pay/{sent}/",
        f"/pay/{back.payment.public_id}/",
        f"/activity/{back.payment.public_id}/",
    ):
        signed_in.goto(address)
        assert_page_is_accessible_everywhere(signed_in)


def test_all_of_it_is_filled_in_and_enter_goes_on(signed_in: Page) -> None:
    signed_in.goto("/withdraw/")
    signed_in.get_by_role("button", name="Fill in all of it").click()
    expect(signed_in.get_by_label("Amount")).to_have_value("500.00")
    signed_in.get_by_label("Amount").press("Enter")
    expect(signed_in.get_by_role("heading", name="Check the withdrawal")).to_be_visible()
    assert_page_is_accessible_everywhere(signed_in)


def test_the_waiting_page_turns_into_the_result_by_itself(signed_in: Page, alice: User) -> None:
    order = order_of(withdrawn(alice, alice.linked_cards.get(), 120_00), OrderKind.PAY_OUT)
    hear(order, PENDING)
    signed_in.goto(f"/pay/{order.payment.public_id}/")
    expect(signed_in.get_by_text("Please do not do it again yet")).to_be_visible()
    hear(order, SETTLED)
    expect(signed_in.get_by_role("heading", name="Withdrawn")).to_be_visible(timeout=8_000)
    prove_the_books()


def test_a_confirmation_that_is_not_answered_leads_to_the_truth(
    signed_in: Page, live_server: Any, browser: Browser, alice: User
) -> None:
    """The server hears it and its answer never comes: ten seconds, cut to one for the test."""
    # Without the worker, whose requests cannot be held here.
    context = browser.new_context(base_url=live_server.url, service_workers="block")
    context.add_cookies([cookie_of(alice, live_server.url)])
    tab = context.new_page()
    use_preferences(tab, live_server.url, "en")
    authorise(tab, "120")
    form = tab.locator("form[data-unanswered]")
    assert form.get_attribute("data-unanswered-after") == "10"
    form.evaluate("form => form.dataset.unansweredAfter = '1'")
    held: list[Route] = []
    tab.route("**/authorise/", lambda route: held.append(route))
    tab.get_by_role("button", name="Withdraw").click()
    expect(tab.get_by_text("Please do not pay again")).to_be_visible()
    assert tab.url.endswith("?sent=1")
    assert Payment.objects.get().state == "created"
    tab.unroute("**/authorise/")
    # The confirmation arrives after all; the page that waits finds out.
    sent = held[0].request
    tab.request.post(sent.url, headers=sent.headers, data=sent.post_data or "", max_redirects=0)
    expect(tab.get_by_text("Please do not do it again yet")).to_be_visible(timeout=8_000)
    assert BankOrder.objects.count() == 1
    context.close()
    prove_the_books()


def test_a_confirmation_that_is_cut_leads_to_the_truth_when_the_network_is_back(
    signed_in: Page,
) -> None:
    signed_in.goto("/home/")
    signed_in.evaluate("navigator.serviceWorker.ready.then(() => true)")
    signed_in.reload()
    authorise(signed_in, "120")
    signed_in.context.set_offline(True)
    # As when the connection breaks just after the press: past the page's own look at the network.
    signed_in.locator("form[data-unanswered]").evaluate("form => form.submit()")
    expect(signed_in.get_by_role("heading", name="There is no network right now")).to_be_visible()
    assert signed_in.url.endswith("?sent=1")
    signed_in.context.set_offline(False)
    expect(signed_in.get_by_text("Please do not pay again")).to_be_visible()
    assert not BankOrder.objects.exists()
    authorise(signed_in, "120")
    signed_in.get_by_role("button", name="Withdraw").click()
    expect(signed_in.get_by_text("Please do not do it again yet")).to_be_visible()
    assert BankOrder.objects.count() == 1


def test_withdrawing_works_without_script(
    signed_in: Page, live_server: Any, browser: Browser, alice: User
) -> None:
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    plain.add_cookies([cookie_of(alice, live_server.url)])
    tab = plain.new_page()
    use_preferences(tab, live_server.url, "en")
    authorise(tab, "120")
    tab.get_by_role("button", name="Withdraw").click()
    expect(tab.get_by_text("Please do not do it again yet")).to_be_visible()
    order = BankOrder.objects.get()
    hear(order, SETTLED)
    tab.get_by_role("button", name="Ask now").click()
    expect(tab.get_by_role("heading", name="Withdrawn")).to_be_visible()
    plain.close()
    prove_the_books()
