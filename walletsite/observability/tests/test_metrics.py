"""The figures at `/metrics`: who may read them, and that they are true."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tally import fold_steps
from payments.processing.tests.people import compose, confirm
from tests.cast import prove_the_books, wallet_with
from walletsite.observability import rows

pytestmark = pytest.mark.django_db


def figures(client: Client, **headers: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.fixture(autouse=True)
def this_machine_may_read(settings: Any) -> None:
    """Nobody may by default."""
    set_doors(settings, addresses=("127.0.0.1",))


def set_doors(settings: Any, *, token: str = "", addresses: tuple[str, ...] = ()) -> None:
    settings.METRICS = {**settings.METRICS, "token": token, "addresses": list(addresses)}


def test_nobody_reads_them_where_no_door_is_set(client: Client, settings: Any) -> None:
    set_doors(settings)
    assert client.get("/metrics").status_code == 404


def test_the_token_opens_and_nothing_else_does(client: Client, settings: Any) -> None:
    set_doors(settings, token="long-and-random")
    refused = client.get("/metrics")
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Bearer")
    for wrong in ("Bearer wrong", "Basic long-and-random", "long-and-random", "Bearer "):
        assert client.get("/metrics", headers={"authorization": wrong}).status_code == 401
    right = {"authorization": "Bearer long-and-random"}
    assert client.get("/metrics", headers=right).status_code == 200
    assert client.post("/metrics", headers=right).status_code == 405


def test_listed_addresses_open_and_a_forged_header_does_not(client: Client, settings: Any) -> None:
    set_doors(settings, addresses=("10.0.0.0/8",))
    assert client.get("/metrics", REMOTE_ADDR="10.9.8.7").status_code == 200
    forged = {"x-forwarded-for": "10.9.8.7"}
    assert client.get("/metrics", headers=forged, REMOTE_ADDR="203.0.113.5").status_code == 403


def test_nobody_can_make_labels(client: Client) -> None:
    client.get("/no/such/page/at/all")
    client.get("/receipts-of-a-stranger")
    found = figures(client)
    views = {dict(labels)["view"] for name, labels in found if name == "wallet_http_requests_total"}
    assert "none" in views
    assert not [view for view in views if "/" in view]


def test_refusals_are_counted_by_rule(client: Client, alice: User) -> None:
    rule = ("wallet_refusals_total", (("code", "login.wrong"),))
    before = figures(client).get(rule, 0)
    client.post("/sign-in/", {"phone": "13800136027", "password": "not the password"})
    assert figures(client)[rule] == before + 1


def outcomes(client: Client) -> dict[tuple[str, str], float]:
    return {
        (dict(labels)["kind"], dict(labels)["outcome"]): value
        for (name, labels), value in figures(client).items()
        if name == "wallet_payments_total"
    }


def test_payments_are_counted_once_folded_or_not(client: Client, alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    confirm(compose(alice, bob, "10.00"))
    fresh = outcomes(client)
    assert fresh["transfer", "succeeded"] == 1
    while fold_steps():
        pass
    confirm(compose(alice, bob, "5.00"))
    compose(alice, bob, "7.00")
    both = outcomes(client)
    assert (both["transfer", "succeeded"], both["transfer", "created"]) == (2, 3)
    prove_the_books()


def test_money_on_its_way_is_money_at_risk(client: Client, alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob, "12.00")
    Payment.objects.filter(pk=payment.pk).update(
        state="processing", confirmed_at=timezone.now() - timedelta(minutes=40)
    )
    found = figures(client)
    place = (("currency", "CNY"), ("kind", "transfer"))
    assert found["wallet_payments_pending", place] == 1
    assert found["wallet_payments_pending_amount_minor", place] == 1200
    assert found["wallet_payments_pending_oldest_seconds", ()] == pytest.approx(2400, abs=60)


def test_a_verification_of_the_books_is_seen(client: Client, alice: User) -> None:
    wallet_with(alice, "1.00")
    call_command("verify_ledger", stdout=StringIO())
    found = figures(client)
    assert found["wallet_ledger_right", ()] == 1
    assert found["wallet_ledger_verified_seconds", ()] < 60


def test_figures_that_cannot_be_read_are_said_to_be_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(now: object) -> None:
        raise OperationalError("no such host: db.internal")

    monkeypatch.setattr(rows, "_FAMILIES", (gone,))
    found = figures(client)
    assert found["wallet_figures_readable", ()] == 0
    assert any(name == "wallet_http_requests_total" for name, _ in found)


def test_asking_for_figures_asks_the_database_few_and_cheap_things(client: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        figures(client)
    assert len(asked) <= 24


def test_a_reconciliation_case_and_its_money_are_seen(client: Client) -> None:
    from payments.banking.reconciliation.services import open_case
    from payments.banking.reconciliation.states import CaseKind

    open_case(
        key="balance:1", kind=CaseKind.BALANCE_DIFFERS, facts={}, at_risk_minor=-77, currency="CNY"
    )
    seen = figures(client)
    assert seen["wallet_reconciliation_cases", ()] == 1
    assert seen["wallet_reconciliation_at_risk_minor", ()] == 77
