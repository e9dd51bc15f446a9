"""Lines become payments once each, whatever stops in between."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.http import Http404
from django.utils import timezone

from accounts.payment_password.errors import PaymentPasswordWrong
from accounts.users.models import User
from payments.processing import services as processing
from payments.processing import together
from payments.processing.models import Payment
from payments.processing.tests.people import compose, money_of
from payments.transfers.batch import running
from payments.transfers.batch.errors import BatchDoesNotFit
from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.report import result_csv
from payments.transfers.batch.selectors import progress_of
from payments.transfers.batch.services import (
    authorise_batch,
    discard_batch,
    stop_batch,
)
from payments.transfers.batch.tasks import run_batches
from payments.transfers.batch.tests.builders import (
    HEADER,
    authorised,
    crowd,
    rich,
    text_for,
    uploaded,
)
from payments.transfers.kinds import TRANSFER
from payments.wallets.errors import WalletFrozen
from payments.wallets.models import OwnLimits, Wallet
from payments.wallets.selectors import get_wallet_for, limit_state
from payments.wallets.services import freeze_wallet, unfreeze_wallet
from tests.cast import OTHER_PAYMENT_PASSWORD, PAYMENT_PASSWORD, prove_the_books, wallet_with

pytestmark = pytest.mark.django_db


def outcomes(batch: TransferBatch) -> list[tuple[str, str]]:
    return list(batch.lines.values_list("outcome", "failure_code"))


def authorise(user: User, public_id: UUID, raw: str = PAYMENT_PASSWORD) -> TransferBatch:
    return authorise_batch(user=user, public_id=public_id, raw_payment_password=raw)


def test_each_line_is_a_payment_and_the_batch_is_done(alice: User) -> None:
    rich(alice, "100.00")
    people = crowd(3)
    batch = authorised(alice, text_for(people, "10.00"))

    assert money_of(alice) == 100_00
    assert run_batches() == 3

    batch.refresh_from_db()
    assert batch.state == "done"
    assert [money_of(person) for person in people] == [10_00] * 3
    assert money_of(alice) == 70_00
    found = Payment.objects.filter(state="succeeded")
    assert {(one.kind, one.note) for one in found} == {
        (TRANSFER, "pay 0"),
        (TRANSFER, "pay 1"),
        (TRANSFER, "pay 2"),
    }
    assert all(
        one.status_changes.filter(reason__contains=str(batch.public_id)).exists() for one in found
    )
    assert run_batches() == 0
    prove_the_books()


def test_only_the_good_lines_go(alice: User, bob: User) -> None:
    rich(alice, "100.00")
    wallet_with(bob)
    batch = authorised(alice, HEADER + f"12,5,,\n{bob.phone},5,,\n{bob.phone},x,,")
    run_batches()

    assert outcomes(batch) == [
        ("not_paid", "batch.bad_line"),
        ("paid", ""),
        ("not_paid", "batch.bad_line"),
    ]
    assert progress_of(batch).total == 1
    assert money_of(bob) == 5_00
    prove_the_books()


def test_a_draft_is_sent_once_after_the_right_password(alice: User) -> None:
    rich(alice, "100.00")
    draft = uploaded(alice, text_for(crowd(2)))

    with pytest.raises(PaymentPasswordWrong):
        authorise(alice, draft.public_id, OTHER_PAYMENT_PASSWORD)
    first = authorise(alice, draft.public_id)
    again = authorise(alice, draft.public_id)
    run_batches()
    after = authorise(alice, draft.public_id)

    assert (first.state, again.state, after.state) == ("running", "running", "done")
    assert Payment.objects.count() == 2
    prove_the_books()


def test_nobody_else_can_do_anything_with_it(alice: User, mallory: User) -> None:
    rich(alice)
    wallet_with(mallory)
    draft = uploaded(alice, text_for(crowd(1)))

    for act in (
        lambda: authorise(mallory, draft.public_id),
        lambda: discard_batch(user=mallory, public_id=draft.public_id),
        lambda: stop_batch(user=mallory, public_id=draft.public_id),
    ):
        with pytest.raises(Http404):
            act()


def test_what_does_not_fit_is_refused_as_a_whole(alice: User) -> None:
    wallet = wallet_with(alice, "12000.00")
    people = crowd(3)

    def refused(text: str) -> str:
        draft = uploaded(alice, text)
        with pytest.raises(BatchDoesNotFit) as error:
            authorise(alice, draft.public_id)
        return str(error.value.message)

    assert "today's limit" in refused(text_for(people, "4000.00"))
    Wallet.objects.filter(pk=wallet.pk).update(wallet_class="I")
    assert "short" in refused(text_for(people, "4000.01"))
    freeze_wallet(wallet=wallet, by=alice, reason="lost")
    draft = uploaded(alice, text_for(people, "1.00"))
    with pytest.raises(WalletFrozen):
        authorise(alice, draft.public_id)
    run_batches()
    assert not Payment.objects.exists()
    prove_the_books()


def test_lines_that_fail_on_the_way_say_why_and_the_others_go(alice: User) -> None:
    wallet = rich(alice, "30.00")
    people = crowd(4)
    text = HEADER + "\n".join(
        f"{person.phone},{amount},," for person, amount in zip(people, (10, 5, 9, 2), strict=True)
    )
    batch = authorised(alice, text)
    Wallet.objects.filter(owner=people[1]).update(closed_at=timezone.now())
    # Spent elsewhere between the password and the worker.
    spent = authorised(alice, HEADER + f"{people[0].phone},18,elsewhere,")
    TransferBatch.objects.filter(pk=batch.pk).update(
        claimed_until=timezone.now() + timedelta(seconds=50)
    )
    run_batches()
    TransferBatch.objects.filter(pk=batch.pk).update(claimed_until=None)
    run_batches()

    assert outcomes(spent) == [("paid", "")]
    assert outcomes(batch) == [
        ("paid", ""),
        ("not_paid", "payee.closed"),
        ("not_paid", "balance.short"),
        ("paid", ""),
    ]
    assert money_of(alice) == 0
    assert get_wallet_for(alice).pk == wallet.pk
    assert set(Payment.objects.values_list("state", flat=True)) == {
        "succeeded",
        "failed",
        "expired",
    }
    rows = list(csv.reader(result_csv(batch).removeprefix("\ufeff").splitlines()))
    assert [row[5] for row in rows[1:]] == ["Sent", "Not sent", "Not sent", "Sent"]
    assert "closed" in rows[2][6]
    prove_the_books()


def test_frozen_meanwhile_nothing_more_is_sent(alice: User) -> None:
    wallet = rich(alice)
    batch = authorised(alice, text_for(crowd(2)))
    freeze_wallet(wallet=wallet, by=alice, reason="stolen phone")
    run_batches()

    assert outcomes(batch) == [("not_paid", "wallet.frozen")] * 2
    assert money_of(alice) == 10_000_00
    prove_the_books()


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_worker_that_dies_leaves_nothing_twice_and_nothing_out(
    alice: User, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich(alice, "100.00")
    people = crowd(3)
    batch = authorised(alice, text_for(people, "10.00"))
    confirm = processing.confirm_authorised
    calls: list[dict[str, Any]] = []

    class Killed(BaseException):
        pass

    def confirm_and_die(**given: Any) -> Payment:
        if len(calls) == after:
            raise Killed
        calls.append(given)
        return confirm(**given)

    with monkeypatch.context() as patch:
        patch.setattr(running, "confirm_authorised", confirm_and_die)
        patch.setattr(running, "confirm_together", lambda **given: 0)
        patch.setattr(running, "_release", lambda batch_id: False)
        if after < 3:
            with pytest.raises(Killed):
                run_batches()
        else:
            run_batches()
    # Its claim still holds; then it runs out.
    assert run_batches() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        run_batches()

    batch.refresh_from_db()
    assert batch.state == "done"
    assert [money_of(person) for person in people] == [10_00] * 3
    assert Payment.objects.count() == 3
    prove_the_books()


@pytest.mark.parametrize("is_done", [True, False])
def test_a_worker_that_dies_with_a_whole_group_leaves_nothing_twice_and_nothing_out(
    alice: User, is_done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich(alice, "100.00")
    people = crowd(4)
    batch = authorised(alice, text_for(people, "10.00"))

    class Killed(BaseException):
        pass

    def die(**given: Any) -> int:
        if is_done:
            together.confirm_together(**given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(running, "_GROUP", 2)
        patch.setattr(running, "confirm_together", die)
        patch.setattr(running, "_release", lambda batch_id: False)
        with pytest.raises(Killed):
            run_batches()
    TransferBatch.objects.filter(pk=batch.pk).update(claimed_until=None)
    run_batches()

    assert outcomes(batch) == [("paid", "")] * 4
    assert [money_of(person) for person in people] == [10_00] * 4
    assert limit_state(get_wallet_for(alice)).day_count_used == 4
    prove_the_books()


def test_together_means_all_or_none_with_every_check(alice: User, bob: User) -> None:
    wallet = rich(alice, "100.00")
    people = crowd(3)

    drafts = [compose(alice, person).pk for person in people]
    too_much = [compose(alice, person, "33.34").pk for person in people]
    two_payers = [drafts[0], compose(bob_with_money(bob), people[1]).pk]

    def done(payment_ids: list[int]) -> int:
        return together.confirm_together(payment_ids=payment_ids, reason="a test")

    narrow: list[dict[str, int]] = [{"single_minor": 9_99}, {"day_minor": 29_99}, {"day_count": 2}]
    for rule in narrow:
        OwnLimits.objects.create(wallet=wallet, set_by=alice, **rule)
        assert done(drafts) == 0
    OwnLimits.objects.create(wallet=wallet, set_by=alice)
    assert done(too_much) == done(two_payers) == done([]) == 0
    freeze_wallet(wallet=wallet, by=alice, reason="lost")
    assert done(drafts) == 0
    unfreeze_wallet(wallet=wallet, by=alice, reason="found")
    assert set(Payment.objects.values_list("state", flat=True)) == {"created"}
    assert (money_of(alice), done(drafts), done(drafts)) == (100_00, 3, 0)

    ended = Payment.objects.get(pk=drafts[0])
    steps = [(step.from_state, step.to_state, step.by) for step in ended.status_changes.all()]
    assert steps == [
        ("", "created", alice),
        ("created", "processing", alice),
        ("processing", "succeeded", None),
    ]
    state = limit_state(get_wallet_for(alice))
    assert (state.day_used, state.day_count_used) == (30_00, 3)
    assert money_of(alice) == 70_00
    prove_the_books()


def bob_with_money(bob: User) -> User:
    wallet_with(bob, "50.00")
    return bob


def test_stopped_the_rest_is_left_out(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    rich(alice, "100.00")
    batch = authorised(alice, text_for(crowd(5), "10.00"))
    monkeypatch.setattr(running, "_GROUP", 2)
    confirm = processing.confirm_authorised
    calls: list[dict[str, Any]] = []

    def stop_after_two(**given: Any) -> Payment:
        calls.append(given)
        if len(calls) == 2:
            stop_batch(user=alice, public_id=batch.public_id)
        return confirm(**given)

    monkeypatch.setattr(running, "confirm_together", lambda **given: 0)
    monkeypatch.setattr(running, "confirm_authorised", stop_after_two)
    run_batches()
    stop_batch(user=alice, public_id=batch.public_id)

    assert outcomes(batch) == [("paid", "")] * 2 + [("not_paid", "batch.stopped")] * 3
    assert money_of(alice) == 80_00
    prove_the_books()


def test_what_was_not_sent_within_a_day_is_not_sent(alice: User) -> None:
    rich(alice, "100.00")
    batch = authorised(alice, text_for(crowd(2), "10.00"))
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        run_batches()

    assert outcomes(batch) == [("not_paid", "batch.too_late")] * 2
    assert money_of(alice) == 100_00
    prove_the_books()


def test_a_clock_set_back_does_not_hold_a_batch_up(alice: User) -> None:
    rich(alice, "100.00")
    batch = authorised(alice, text_for(crowd(1), "10.00"))
    TransferBatch.objects.filter(pk=batch.pk).update(
        claimed_until=timezone.now() + timedelta(hours=2)
    )

    assert run_batches() == 1
    prove_the_books()
