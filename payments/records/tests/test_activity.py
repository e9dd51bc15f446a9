"""What happened to somebody's money: who sees what, by day, filtered, page by page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.services import cancel_payment
from payments.records.criteria import Criteria
from payments.records.cursors import Cursor
from payments.records.selectors import PAGE, list_activity
from payments.records.tests.builders import composed, sent
from payments.wallets.services import open_wallet
from tests.cast import prove_the_books, wallet_with
from tests.limits import PLENTY, with_limits
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(client: Client, alice: User, bob: User) -> Client:
    """alice, signed in, with money, beside bob."""
    wallet_with(alice, "5000.00")
    wallet_with(bob, "500.00")
    client.force_login(alice)
    return client


def page(client: Client, path: str = "/activity/", status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    html = response.content.decode()
    assert_page_is_clean(html)
    return html


def rows(html: str) -> int:
    return html.count('class="row"')


def test_a_new_customer_reads_what_will_be_here(here: Client) -> None:
    html = page(here)
    assert rows(html) == 0
    assert reverse("banking:top_up") in html


def test_both_sides_see_a_transfer_from_their_own_side(
    here: Client, alice: User, bob: User
) -> None:
    sent(alice, bob, "12.30", "午饭")
    html = page(here)
    assert "林*" in html
    assert "−¥12.30" in html
    here.force_login(bob)
    html = page(here)
    assert "陈*远" in html
    assert "+¥12.30" in html
    assert "陈思远" not in html
    prove_the_books()


def test_a_payee_sees_nothing_of_what_has_not_arrived(here: Client, alice: User, bob: User) -> None:
    waiting = composed(alice, bob, "12.30")
    cancel_payment(payment=composed(alice, bob, "7.00"))
    assert not list_activity(bob, criteria=Criteria()).payments
    shown = list_activity(alice, criteria=Criteria()).payments
    assert [payment.state for payment in shown] == ["cancelled"]
    here.force_login(bob)
    assert here.get(reverse("records:entry", args=[waiting.public_id])).status_code == 404


def test_filters_narrow_the_list(here: Client, alice: User, bob: User) -> None:
    sent(alice, bob, "12.30", "books")
    sent(bob, alice, "5.00", "lunch")
    assert rows(page(here)) == 2
    assert rows(page(here, "/activity/?direction=out")) == 1
    assert "+¥5.00" in page(here, "/activity/?direction=in")
    assert rows(page(here, "/activity/?kind=transfer")) == 2
    assert rows(page(here, "/activity/?kind=top_up")) == 0
    assert rows(page(here, "/activity/?q=BOOK")) == 1
    reference = Payment.objects.get(note="lunch").spaced_reference.lower()
    assert rows(page(here, f"/activity/?q={reference}")) == 1
    today = timezone.localdate()
    assert rows(page(here, f"/activity/?since={today}&until={today}")) == 2
    tomorrow = today + timedelta(days=1)
    assert rows(page(here, f"/activity/?since={tomorrow}")) == 0
    prove_the_books()


def test_a_filter_that_fits_nothing_offers_to_show_everything(
    here: Client, alice: User, bob: User
) -> None:
    sent(alice, bob, "12.30")
    html = page(here, "/activity/?q=nothing+like+it")
    assert f'href="{reverse("records:activity")}"' in html


@pytest.mark.parametrize(
    "query",
    [
        "direction=sideways",
        "kind=nonsense",
        "since=yesterday",
        "until=2026-02-30",
        "since=2026-11-23&until=2026-11-22",
        "since=0001-01-01",
        "until=9999-12-31",
        "q=" + "x" * 61,
    ],
)
def test_a_filter_that_is_none_gets_a_sentence(here: Client, query: str) -> None:
    html = page(here, f"/activity/?{query}", status=422)
    assert "errors-title" in html


def test_the_list_goes_on_below_the_last_row_and_skips_none(
    here: Client, alice: User, bob: User, settings: Any
) -> None:
    with_limits(settings, "payee.lookup", person=PLENTY)
    for number in range(1, PAGE + 4):
        sent(alice, bob, f"{number}.00")
    seen: list[str] = []
    path = "/activity/?direction=out"
    while path:
        html = page(here, path)
        seen += re.findall(r'class="sr">−(¥[0-9.]+)</span>', html)
        # New rows on top must not push old ones onto the next page.
        sent(alice, bob, "0.01")
        found = re.search(r'rel="next" href="([^"#]+)', html)
        path = found.group(1).replace("&amp;", "&") if found else ""
    assert seen == [f"¥{number}.00" for number in range(PAGE + 3, 0, -1)]
    prove_the_books()


@pytest.mark.parametrize(
    "after", ["", "x", "1-", "-1", "99999999999999999-1", "1-999999999999999999999", "１-２"]
)
def test_a_broken_place_in_the_list_starts_at_the_top(
    here: Client, alice: User, bob: User, after: str
) -> None:
    sent(alice, bob, "12.30")
    assert here.get("/activity/", {"after": after}).status_code == 200


def test_a_cursor_reads_back_what_it_wrote() -> None:
    cursor = Cursor(timezone.now(), 42)
    assert Cursor.parse(str(cursor)) == cursor


def test_totals_of_a_day_count_settled_payments_only(here: Client, alice: User, bob: User) -> None:
    sent(alice, bob, "10.00")
    sent(bob, alice, "4.00")
    cancel_payment(payment=composed(alice, bob, "99.00"))
    html = page(here)
    assert html.count("¥10.00") >= 3
    assert html.count("¥4.00") >= 3
    prove_the_books()


def test_one_record_shows_its_facts_and_steps(here: Client, alice: User, bob: User) -> None:
    payment = sent(alice, bob, "12.30", "<b>lunch</b>")
    path = reverse("records:entry", args=[payment.public_id])
    html = page(here, path)
    assert "&lt;b&gt;lunch" in html
    assert payment.spaced_reference in html
    assert reverse("records:receipt", args=[payment.public_id]) in html
    here.force_login(bob)
    assert payment.spaced_reference in page(here, path)


def test_another_persons_record_is_not_there(
    here: Client, alice: User, bob: User, mallory: User
) -> None:
    payment = sent(alice, bob, "12.30")
    open_wallet(user=mallory)
    here.force_login(mallory)
    for name in ("records:entry", "records:receipt"):
        assert here.get(reverse(name, args=[payment.public_id])).status_code == 404
    assert rows(page(here)) == 0


def test_hidden_amounts_are_hidden_in_the_lists(here: Client, alice: User, bob: User) -> None:
    sent(alice, bob, "12.30")
    alice.hide_amounts = True
    alice.save()
    for path in ("/home/", "/activity/"):
        html = page(here, path)
        shown = re.sub(r"<span data-amount hidden>.*?</span></span></span>", "", html, flags=re.S)
        assert "12.30" not in shown
    prove_the_books()
