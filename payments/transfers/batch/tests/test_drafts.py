"""Drafts that run out, files that come twice, and the file of results."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from accounts.users.models import User
from payments.processing.tests.people import money_of
from payments.transfers.batch.errors import BatchGone, BatchSentBefore
from payments.transfers.batch.models import BatchLine, TransferBatch
from payments.transfers.batch.report import result_csv
from payments.transfers.batch.services import authorise_batch, choose_repeat
from payments.transfers.batch.tasks import run_batches
from payments.transfers.batch.tests.builders import (
    HEADER,
    authorised,
    crowd,
    rich,
    text_for,
    uploaded,
)
from tests.cast import PAYMENT_PASSWORD, prove_the_books, wallet_with

pytestmark = pytest.mark.django_db


def authorise(user: User, public_id: UUID, raw: str = PAYMENT_PASSWORD) -> TransferBatch:
    return authorise_batch(user=user, public_id=public_id, raw_payment_password=raw)


def test_a_draft_expires_and_nothing_it_said_stays(alice: User) -> None:
    rich(alice)
    draft = uploaded(alice, text_for(crowd(2)))
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        with pytest.raises(BatchGone):
            authorise(alice, draft.public_id)
        run_batches()

    draft.refresh_from_db()
    assert (draft.state, draft.file_name) == ("expired", "")
    assert not BatchLine.objects.exists()


def test_a_person_keeps_a_few_drafts(alice: User) -> None:
    rich(alice)
    people = crowd(1)
    drafts = [uploaded(alice, text_for(people, f"{number}.00")) for number in range(1, 8)]

    states = [TransferBatch.objects.get(pk=draft.pk).state for draft in drafts]
    assert states == ["discarded"] * 2 + ["draft"] * 5


def test_the_same_lines_again_need_a_word(alice: User) -> None:
    rich(alice, "100.00")
    text = text_for(crowd(1), "10.00")
    authorised(alice, text)
    run_batches()
    again = uploaded(alice, text.replace("\n", "\r\n"))

    with pytest.raises(BatchSentBefore):
        authorise(alice, again.public_id)
    choose_repeat(user=alice, public_id=again.public_id)
    authorise(alice, again.public_id)
    run_batches()
    assert money_of(alice) == 80_00
    prove_the_books()


def test_the_result_file_holds_no_formula(alice: User, bob: User) -> None:
    rich(alice)
    wallet_with(bob)
    batch = authorised(alice, HEADER + f"{bob.phone},1,fine,")
    BatchLine.objects.filter(batch=batch).update(note="=1+1", payee_label="@x")

    text = result_csv(batch)
    assert text.startswith("\ufeff")
    (_header, row) = csv.reader(text.removeprefix("\ufeff").splitlines())
    assert (row[2], row[4]) == ("'@x", "'=1+1")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_a_file_that_was_sent_is_known_when_the_index_key_has_turned(
    alice: User, settings: Any
) -> None:
    rich(alice)
    text = text_for(crowd(2))
    authorised(alice, text)
    settings.OLD_INDEX_KEYS = [settings.INDEX_KEY]
    settings.INDEX_KEY = "an-index-key-that-was-made-today-0123456789abcde"
    with pytest.raises(BatchSentBefore):
        authorise(alice, uploaded(alice, text).public_id)
    # From then on without the old key.
    settings.OLD_INDEX_KEYS = []
    with pytest.raises(BatchSentBefore):
        authorise(alice, uploaded(alice, text).public_id)
    prove_the_books()
