"""Races between real processes. What they may do, they may do at the same moment.

On SQLite they wait for the one write lock; on PostgreSQL they run side by side, on both engines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ledger import errors
from ledger.models import HoldResolution, JournalEntry, SealedBlock
from ledger.selectors import get_account, get_balance
from ledger.services import (
    EntryDraft,
    Posting,
    capture_hold,
    close_account,
    fold_pending_credits,
    place_hold,
    post_entries,
    post_entry,
    seal_entries,
    verify_ledger,
    void_hold,
)
from ledger.tests.books import Books
from ledger.tests.racers import Race, racing_processes

PROCESSES = 6


@pytest.fixture(scope="module")
def processes() -> Iterator[Race]:
    with racing_processes(PROCESSES) as race:
        yield race


@pytest.fixture
def race(processes: Race, engine: str, transactional_db: None) -> Iterator[Race]:
    processes.engine = engine
    keep = ("ENGINE", "NAME", "HOST", "PORT", "USER", "PASSWORD", "OPTIONS")
    processes.database = {name: connection.settings_dict[name] for name in keep}
    yield processes
    assert verify_ledger().problems == []


def pay(debit: int, credit: int, amount_minor: int, key: str) -> tuple[int, bool]:
    entry = post_entry(key=key, event="race", postings=[Posting(debit, credit, amount_minor)])
    return entry.id, entry.is_replay


def pay_often(debit: int, credit: int, times: int, key: str) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for number in range(times):
        try:
            pay(debit, credit, 1, f"{key}:{number}")
        except errors.LedgerError as error:
            outcomes[error.code] += 1
        else:
            outcomes["paid"] += 1
    return outcomes


def pay_batch(payer: int, payees: list[int], key: str) -> int:
    postings = [(Posting(payer, payee, 1),) for payee in payees]
    drafts = [EntryDraft(f"{key}:{n}", "race", pair) for n, pair in enumerate(postings)]
    return len(post_entries(drafts))


def fold_often(times: int) -> int:
    return sum(fold_pending_credits() for _ in range(times))


def seal_often(times: int) -> int:
    return sum(seal_entries() is not None for _ in range(times))


def look_often(account_ids: list[int], times: int) -> int:
    return min(get_balance(each).available_minor for _ in range(times) for each in account_ids)


def capture(hold_id: int, key: str) -> str:
    capture_hold(hold_id=hold_id, key=key)
    return "captured"


def void(hold_id: int, key: str) -> str:
    void_hold(hold_id=hold_id, key=key)
    return "voided"


def close(account_id: int) -> str:
    close_account(account_id=account_id)
    return "closed"


def test_a_balance_worth_ten_payments_pays_ten_of_fifty(race: Race) -> None:
    books = Books()
    alice, bob = books.wallet(holds_minor=10), books.wallet()
    answers = race.run((pay, (alice, bob, 1, f"p{n}")) for n in range(50))
    refused = [answer for answer in answers if answer == "ledger.insufficient_funds"]
    assert (len(answers) - len(refused), len(refused)) == (10, 40)
    assert (books.available(alice), books.available(bob)) == (0, 10)


def test_one_key_from_many_processes_is_one_entry(race: Race) -> None:
    books = Books()
    alice, bob = books.wallet(holds_minor=1_000), books.wallet()
    answers = race.run((pay, (alice, bob, 100, "same")) for _ in range(24))
    assert len({entry_id for entry_id, _ in answers}) == 1
    assert sum(not is_replay for _, is_replay in answers) == 1
    assert books.available(bob) == 100


def test_one_key_with_different_inputs_books_one_and_refuses_the_rest(race: Race) -> None:
    books = Books()
    payers = [books.wallet(holds_minor=100) for _ in range(6)]
    bob = books.merchant()
    answers = race.run((pay, (payer, bob, 10, "same")) for payer in payers)
    assert answers.count("ledger.entry_conflict") == 5
    assert books.available(bob) == 10


def test_payments_in_both_directions_never_deadlock(race: Race) -> None:
    books = Books()
    alice, bob = books.wallet(holds_minor=1_000), books.wallet(holds_minor=1_000)
    jobs: list[Any] = []
    for n in range(3):
        jobs += [(pay_often, (alice, bob, 40, f"a{n}")), (pay_often, (bob, alice, 40, f"b{n}"))]
    answers = race.run(jobs)
    assert sum(answer["paid"] for answer in answers) == 240
    assert books.available(alice) == 1_000


def test_batches_that_share_accounts_in_different_order_never_deadlock(race: Race) -> None:
    books = Books()
    payer = books.wallet(holds_minor=10_000)
    payees = [books.wallet() for _ in range(20)]
    jobs = [(pay_batch, (payer, payees if n % 2 else payees[::-1], f"batch{n}")) for n in range(12)]
    assert race.run(jobs) == [20] * 12
    assert [books.available(payee) for payee in payees] == [12] * 20


def test_a_merchant_pays_out_while_everybody_pays_in_and_the_queue_is_folded(race: Race) -> None:
    books = Books()
    shop, owner = books.merchant(), books.wallet()
    payers = [books.wallet(holds_minor=60) for _ in range(3)]
    answers = race.run(
        [
            *((pay_often, (payer, shop, 60, f"in{n}")) for n, payer in enumerate(payers)),
            (pay_often, (shop, owner, 200, "out")),
            (fold_often, (40,)),
            (look_often, ([shop, owner], 60)),
        ]
    )
    assert [answer["paid"] for answer in answers[:3]] == [60, 60, 60]
    assert answers[5] >= 0
    paid_out = answers[3]["paid"]
    assert paid_out + answers[3]["ledger.insufficient_funds"] == 200
    assert (books.available(shop), books.available(owner)) == (180 - paid_out, paid_out)


def test_a_hold_ends_once_whoever_comes_first(race: Race) -> None:
    books = Books()
    alice, bob = books.wallet(holds_minor=100), books.wallet()
    until = timezone.now() + timedelta(hours=1)
    hold = place_hold(key="h", debit=alice, credit=bob, amount_minor=100, expires_at=until)
    jobs: list[Any] = []
    for n in range(6):
        jobs += [(capture, (hold.pk, f"c{n}")), (void, (hold.pk, f"v{n}"))]
    answers = race.run(jobs)
    assert answers.count("ledger.hold_not_open") == 11
    assert HoldResolution.objects.count() == 1
    is_captured = "captured" in answers
    assert books.available(bob) == (100 if is_captured else 0)
    assert get_balance(alice).pending_minor == 0


def test_blocks_that_are_sealed_while_others_write_stay_unbroken(race: Race) -> None:
    books = Books()
    payers = [books.wallet(holds_minor=100) for _ in range(4)]
    shop = books.merchant()
    answers = race.run(
        [
            *((pay_often, (payer, shop, 60, f"p{n}")) for n, payer in enumerate(payers)),
            (seal_often, (30,)),
            (seal_often, (30,)),
        ]
    )
    assert sum(answer["paid"] for answer in answers[:4]) == 240
    seal_entries()
    assert sum(SealedBlock.objects.values_list("entry_count", flat=True)) == (
        JournalEntry.objects.count()
    )


def test_a_merchant_that_closes_takes_nothing_afterwards(race: Race) -> None:
    books = Books()
    shop, alice = books.merchant(), books.wallet(holds_minor=100)
    answers = race.run(
        [(close, (shop,)), *((pay, (alice, shop, 1, f"p{n}")) for n in range(5))],
    )
    is_closed = get_account(shop).closed_at is not None
    paid = sum(isinstance(answer, tuple) for answer in answers)
    assert (paid == 0) if is_closed else (paid == 5)
    assert books.available(shop) == paid
