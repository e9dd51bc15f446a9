"""Many at once: confirmations, workers, stops."""

from __future__ import annotations

import pytest

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tests.people import money_of
from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.running import run_batch
from payments.transfers.batch.services import authorise_batch, stop_batch
from payments.transfers.batch.tests.builders import authorised, crowd, rich, text_for, uploaded
from tests.cast import PAYMENT_PASSWORD, prove_the_books
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_confirmed_ten_times_at_once_it_runs_once(alice: User) -> None:
    rich(alice, "100.00")
    draft = uploaded(alice, text_for(crowd(3), "10.00"))

    results = all_at_once(
        10,
        lambda number: (
            authorise_batch(
                user=alice, public_id=draft.public_id, raw_payment_password=PAYMENT_PASSWORD
            ).state
        ),
    )
    all_at_once(3, lambda number: run_batch(batch_id=draft.pk))

    assert set(results) == {"running"}
    assert money_of(alice) == 70_00
    assert Payment.objects.count() == 3
    prove_the_books()


def test_workers_without_a_claim_still_send_each_line_once(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich(alice, "100.00")
    people = crowd(6)
    batch = authorised(alice, text_for(people, "10.00"))
    monkeypatch.setattr("payments.transfers.batch.running._claim", lambda batch_id: True)

    all_at_once(4, lambda number: run_batch(batch_id=batch.pk))
    run_batch(batch_id=batch.pk)

    batch.refresh_from_db()
    assert batch.state == "done"
    assert [money_of(person) for person in people] == [10_00] * 6
    assert money_of(alice) == 40_00
    prove_the_books()


def test_stopping_while_it_runs_leaves_every_line_paid_or_free(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich(alice, "1000.00")
    people = crowd(8)
    batch = authorised(alice, text_for(people, "10.00"))
    monkeypatch.setattr("payments.transfers.batch.running._GROUP", 2)
    monkeypatch.setattr("payments.transfers.batch.running._claim", lambda batch_id: True)

    def act(number: int) -> None:
        if number == 0:
            stop_batch(user=alice, public_id=batch.public_id)
        else:
            run_batch(batch_id=batch.pk)

    all_at_once(4, act)
    run_batch(batch_id=batch.pk)

    paid = batch.lines.filter(outcome="paid")
    assert batch.lines.exclude(outcome__in=["paid", "not_paid"]).count() == 0
    assert paid.count() == Payment.objects.filter(state="succeeded").count()
    assert money_of(alice) == 1000_00 - paid.count() * 10_00
    prove_the_books()


def test_two_drafts_of_one_file_at_once_are_sent_once(alice: User) -> None:
    rich(alice, "1000.00")
    text = text_for(crowd(2), "10.00")
    drafts = [uploaded(alice, text) for _ in range(4)]

    results = all_at_once(
        4,
        lambda number: authorise_batch(
            user=alice,
            public_id=drafts[number].public_id,
            raw_payment_password=PAYMENT_PASSWORD,
        ),
    )

    assert codes_of(results) == {"": 1, "batch.same_file": 3}
    for draft in TransferBatch.objects.all():
        run_batch(batch_id=draft.pk)
    assert money_of(alice) == 980_00
    prove_the_books()
