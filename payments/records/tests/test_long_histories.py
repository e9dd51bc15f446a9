"""Lists of a long history: by index, whatever is asked, and no longer than those of a short one."""

from __future__ import annotations

import csv
import io
import re
import time
from statistics import median
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.new_payees import largest_to_new_payee
from payments.processing.selectors import has_paid_before
from payments.wallets.services import open_wallet
from tests.cast import make_customer
from tests.histories import RARE_NOTE, write_history

pytestmark = [pytest.mark.django_db, pytest.mark.serial]

SHORT, LONG = 1_000, 10_000
# Above this a longer history would make the page slower; a scan of all would be twenty times.
BOUND = 3.0
ASKED = [
    "",
    "?direction=out",
    "?direction=in",
    "?kind=transfer&direction=in",
    "?kind=top_up",
    "?since=2026-01-01&until=2026-12-31",
    "?q=lunch",
    "?q=午餐",
    f"?q={RARE_NOTE}",
    "?q=nothing+has+this",
    "?q=林&direction=out",
]
_TABLES = re.compile(r"payments_(payment|searchword)\b")


@pytest.fixture
def sized(alice: User, bob: User, mallory: User, client: Client) -> Any:
    """Sign in whoever has a history of this length: alice the short one, mallory the long."""
    other = open_wallet(user=bob)
    now = timezone.now()
    write_history(wallet=open_wallet(user=alice), other=other, count=SHORT, until=now)
    write_history(wallet=open_wallet(user=mallory), other=other, count=LONG, until=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browsers = {}
    for length, user in ((SHORT, alice), (LONG, mallory)):
        browsers[length] = Client()
        browsers[length].force_login(user)
        browsers[length].cookies["wallet-language"] = "en"
    return browsers


def plans(queries: list[dict[str, Any]]) -> list[str]:
    """How the database goes about each query on the long tables."""
    found = []
    for query in queries:
        sql = query["sql"]
        if not sql.startswith("SELECT") or not _TABLES.search(sql):
            continue
        explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ANALYZE "
        with connection.cursor() as cursor:
            cursor.execute(explain + sql.replace("%", "%%"))
            found.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return found


def rows_read(plan: str) -> int:
    """Rows that PostgreSQL took in hand for a plan; nothing for SQLite, which does not count."""
    counted = re.findall(r"actual time=\S+ rows=(\d+)(?:\.\d+)? loops=(\d+)", plan)
    thrown = re.findall(r"Rows Removed by \w+: (\d+)", plan)
    return sum(int(rows) * int(loops) for rows, loops in counted) + sum(map(int, thrown))


def test_every_list_comes_out_of_an_index(sized: dict[int, Client]) -> None:
    for asked in ASKED:
        first = sized[LONG].get(f"/activity/{asked}")
        later = re.search(r'rel="next" href="/activity/([^"#]+)', first.content.decode())
        addresses = [asked, *([later.group(1).replace("&amp;", "&")] if later else [])]
        for address in addresses:
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert sized[LONG].get(f"/activity/{address}").status_code == 200
            assert len(seen) < 40, address
            for plan in plans(seen.captured_queries):
                assert not re.search(r"SCAN payments_\w+(?! USING)", plan), (address, plan)
                assert rows_read(plan) < 20_000, (address, plan)


def test_a_long_history_is_as_quick_as_a_short_one(sized: dict[int, Client]) -> None:
    slow = {}
    for asked in ["/home/", *(f"/activity/{asked}" for asked in ASKED)]:
        took: dict[int, list[float]] = {SHORT: [], LONG: []}
        for _round in range(5):
            for length, client in sized.items():
                began = time.perf_counter()
                assert client.get(asked).status_code == 200
                took[length].append(time.perf_counter() - began)
        ratio = median(took[LONG]) / median(took[SHORT])
        if ratio > BOUND:
            slow[asked] = ratio
    assert not slow


def test_search_finds_what_lies_far_back(sized: dict[int, Client]) -> None:
    oldest = Payment.objects.filter(note=RARE_NOTE).order_by("created_at").first()
    assert oldest is not None
    address = f"/activity/?q={RARE_NOTE}"
    found = ""
    for _page in range(5):
        html = sized[LONG].get(address).content.decode()
        found += html
        later = re.search(r'rel="next" href="(/activity/[^"#]+)', html)
        if later is None:
            break
        address = later.group(1).replace("&amp;", "&")
    assert str(oldest.public_id) in found
    assert len(re.findall(r'href="/activity/[0-9a-f-]{36}/"', found)) == LONG // 1_000


def test_the_file_has_every_record_once_and_in_order(sized: dict[int, Client]) -> None:
    answer = sized[LONG].get("/activity/export.csv?direction=out")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    pieces = list(answer.streaming_content)  # type: ignore[attr-defined]
    assert max(map(len, pieces)) < 64_000
    text = b"".join(pieces).decode("utf-8")
    assert text.startswith("\ufeff")
    [header, *rows] = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert header[0] == "Time"
    assert len(rows) == LONG // 2 == len({row[-1] for row in rows})
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)


def test_who_was_paid_before_is_looked_up(
    sized: dict[int, Client], mallory: User, bob: User
) -> None:
    payer, new = open_wallet(user=mallory), open_wallet(user=make_customer())
    assert has_paid_before(payer=payer, payee=open_wallet(user=bob))
    # Without the index, no is only known after reading all that the payer ever paid.
    with CaptureQueriesContext(connection) as seen:
        assert not has_paid_before(payer=payer, payee=new)
    found = plans(seen.captured_queries)
    assert found
    for plan in found:
        assert "SCAN payments_payment" not in plan
        assert rows_read(plan) < 100


def test_what_went_to_a_new_payee_is_looked_up(sized: dict[int, Client], mallory: User) -> None:
    payer, payee = open_wallet(user=mallory), open_wallet(user=make_customer())
    with CaptureQueriesContext(connection) as seen:
        assert largest_to_new_payee(payer=payer, amounts={payee.pk: 5}) == 5
    found = plans(seen.captured_queries)
    assert found
    for plan in found:
        assert "SCAN payments_payment" not in plan
        assert rows_read(plan) < 100
