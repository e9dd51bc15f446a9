"""Without a network in a real browser: what is shown, what was kept for it, and what never is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from payments.processing.models import Payment
from tests.browser.axe import assert_page_is_accessible_everywhere, use_preferences
from tests.cast import wallet_with

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
_SHELVES = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const shelf = await caches.open(name);
    for (const request of await shelf.keys()) {
      const answer = await shelf.match(request, { ignoreVary: true });
      found.push([name, request.method, new URL(request.url).pathname, await answer.text()]);
    }
  }
  return found;
}"""
_READY = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"


@pytest.fixture
def tab(context: BrowserContext, live_server: Any, alice: Any) -> Page:
    """A tab in which alice has signed in, with the worker at work."""
    wallet_with(alice, "321.09")
    client = Client()
    client.force_login(alice)
    cookie: Any = {
        "name": "wallet",
        "value": client.cookies["wallet"].value,
        "url": live_server.url,
        "httpOnly": True,
    }
    context.add_cookies([cookie])
    page = context.new_page()
    use_preferences(page, live_server.url, "en")
    page.goto("/home/")
    page.evaluate(_READY)
    page.reload()
    return page


def test_only_what_belongs_to_nobody_is_kept(tab: Page, alice: Any) -> None:
    for address in ("/home/", "/activity/", "/transfer/", "/me/", "/security/", "/cards/"):
        tab.goto(address)
    shelves = tab.evaluate(_SHELVES)
    assert {path for _, _, path, _ in shelves} == {
        "/offline/", "/static/wallet/tokens.css", "/static/wallet/wallet.css",
        "/static/wallet/wallet.js", "/static/wallet/passkeys.js", "/static/wallet/icons.svg",
        "/static/wallet/favicon.svg",
        "/theme/brand.css", "/theme/plate.svg",
    }  # fmt: skip
    session = next(each for each in tab.context.cookies() if each.get("name") == "wallet")
    private = ("321.09", "陈", "13800136027", "6027", "csrfmiddlewaretoken", session.get("value"))
    for _, method, path, body in shelves:
        assert method == "GET"
        assert [text for text in private if str(text) in body] == [], path


def test_without_network_the_offline_page_stands_in_and_goes_on_by_itself(tab: Page) -> None:
    tab.context.set_offline(True)
    tab.goto("/activity/")
    expect(tab.get_by_role("heading", name="There is no network right now")).to_be_visible()
    assert tab.url.endswith("/activity/")
    assert "321.09" not in tab.content()
    assert_page_is_accessible_everywhere(tab)
    tab.context.set_offline(False)
    expect(tab.get_by_role("heading", name="Activity")).to_be_visible()


def test_an_open_page_says_so_and_sends_nothing_until_the_network_is_back(tab: Page) -> None:
    tab.goto("/transfer/")
    strip = tab.locator("[data-offline]")
    expect(strip).to_be_hidden()
    tab.context.set_offline(True)
    expect(strip).to_be_visible()
    tab.locator("[name=payee]").fill("13900134412")
    tab.locator("[name=amount]").fill("12.00")
    tab.locator("main form button[type=submit]").first.click()
    expect(strip).to_be_focused()
    assert tab.locator("[name=amount]").input_value() == "12.00"
    assert not Payment.objects.exists()
    tab.context.set_offline(False)
    expect(strip).to_be_hidden()
    assert tab.url.endswith("/transfer/")


def test_an_old_shelf_is_thrown_away(tab: Page) -> None:
    tab.evaluate("caches.open('wallet-old-en').then((shelf) => shelf.put('/x', new Response('x')))")
    tab.evaluate("navigator.serviceWorker.ready.then((worker) => worker.unregister())")
    tab.goto("/home/")
    tab.evaluate(_READY)
    expect(tab.locator("main")).to_be_visible()
    tab.wait_for_timeout(300)
    assert {name for name, *_ in tab.evaluate(_SHELVES)} & {"wallet-old-en"} == set()


def test_another_language_is_kept_in_its_words(tab: Page, live_server: Any, alice: Any) -> None:
    alice.locale = "zh-hans"
    alice.save(update_fields=["locale"])
    tab.goto("/home/")
    tab.wait_for_timeout(800)
    tab.evaluate(_READY)
    tab.context.set_offline(True)
    tab.goto("/activity/")
    expect(tab.get_by_role("heading", name="现在连不上网络")).to_be_visible()
    assert tab.locator("html").get_attribute("lang") == "zh-Hans"


def test_signing_out_clears_what_was_kept(tab: Page) -> None:
    tab.goto("/me/")
    tab.evaluate("caches.open('mark').then((shelf) => shelf.put('/x', new Response('x')))")
    assert tab.evaluate("localStorage.getItem('wallet-active')")
    with tab.expect_navigation():
        tab.locator("form[action='/sign-out/'] button").first.click()
    tab.wait_for_url("**/sign-in/")
    assert "mark" not in {name for name, *_ in tab.evaluate(_SHELVES)}
    assert tab.evaluate("localStorage.getItem('wallet-active')") is None
    tab.goto("/home/")
    tab.wait_for_url("**/sign-in/**")
