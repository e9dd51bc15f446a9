"""From a file to a draft, and from a draft to a batch that runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.payment_password.services import check_payment_password
from accounts.security.keyed import keyed_hashes
from accounts.security.services import record_event
from accounts.security.throttle import hit
from accounts.users.models import User
from ledger.values import digest_of
from payments.processing.retries import in_one_transaction
from payments.proving.asking import Ask
from payments.proving.errors import SecondProofNeeded
from payments.proving.services import ask_for_proof, require_no_proof, use_proof
from payments.transfers.batch.checking import check_lines
from payments.transfers.batch.errors import BatchDoesNotFit, BatchGone, BatchSentBefore
from payments.transfers.batch.forecast import list_obstacles
from payments.transfers.batch.models import BatchLine, TransferBatch
from payments.transfers.batch.reading import RawLine, read_lines
from payments.transfers.batch.selectors import (
    find_sent_before,
    get_batch_for,
    largest_to_stranger,
    list_old_drafts,
)
from payments.transfers.batch.states import BatchState, LineOutcome
from payments.transfers.batch.tasks import push_batch
from payments.transfers.typed import clean_note
from payments.wallets.errors import moment_text
from payments.wallets.services import lock_wallet, open_wallet, require_may_pay

if TYPE_CHECKING:
    from accounts.security.models import UserSession


def upload_batch(*, user: User, content: bytes, file_name: str) -> TransferBatch:
    """Read a file into a draft with every line checked; nothing moves and no byte is kept.

    Counts the upload and its look-ups in transactions of their own, so call it outside any.
    Raises FileRefused, TooManyRequests.
    """
    rules = settings.PAYMENTS["batch"]
    hit(action="batch.upload", person=str(user.public_id))
    wallet = open_wallet(user=user)
    raw_lines = read_lines(content, most_lines=rules["most_lines"], most_bytes=rules["most_bytes"])
    lines = check_lines(user=user, wallet=wallet, raw_lines=raw_lines)
    good = [line for line in lines if line.is_good]
    now = timezone.now()
    content_hash = _content_hash(user, raw_lines)
    batch = TransferBatch(
        owner=user,
        wallet=wallet,
        file_name=_clean_file_name(file_name),
        content_hash=content_hash,
        line_count=len(lines),
        good_count=len(good),
        good_minor=sum(line.amount_minor or 0 for line in good),
        currency=wallet.currency,
        created_at=now,
        expires_at=now + timedelta(seconds=settings.PAYMENTS["form_ttl_seconds"]),
    )
    for line in lines:
        line.batch = batch
    with transaction.atomic():
        _drop_drafts(user, keep=rules["most_drafts"] - 1)
        batch.save()
        BatchLine.objects.bulk_create(lines, batch_size=200)
    return batch


def choose_repeat(*, user: User, public_id: UUID) -> None:
    """Note that a file which was sent before is meant a second time. Raises BatchGone."""
    changed = TransferBatch.objects.filter(
        owner=user, public_id=public_id, state=BatchState.DRAFT
    ).update(is_repeat_wanted=True)
    if not changed:
        raise BatchGone


def discard_batch(*, user: User, public_id: UUID) -> TransferBatch:
    """Forget a draft and all it says. Discarding twice is fine; what was sent stays."""
    batch = get_batch_for(user, public_id)
    _end_draft(batch.pk, BatchState.DISCARDED)
    batch.refresh_from_db()
    return batch


def authorise_batch(
    *,
    user: User,
    public_id: UUID,
    raw_payment_password: str,
    session: UserSession | None = None,
) -> TransferBatch:
    """Send the good lines of a draft: checks the payment password, then lets the batch run, once,
    however often it is asked. Money moves line by line afterwards (`running.run_batch`).

    As in `confirm_payment`, the password is checked in its own transaction first, and the decision
    is made under locks. Raises PaymentPassword..., Wallet..., BatchDoesNotFit, BatchSentBefore,
    BatchGone, SecondProofNeeded (then `authorise_proved`): nothing was charged then.
    """
    batch = get_batch_for(user, public_id)
    if batch.shown_state in (BatchState.RUNNING, BatchState.DONE):
        return batch
    if batch.shown_state != BatchState.DRAFT or not batch.good_count:
        raise BatchGone
    check_payment_password(user=user, raw=raw_payment_password)

    def check(locked: TransferBatch) -> None:
        require_no_proof(ask_of_batch(locked), session)

    try:
        return in_one_transaction(lambda: _start_locked(batch.pk, check))
    except SecondProofNeeded:
        ask_for_proof(ask=ask_of_batch(batch), session=session)
        raise


def authorise_proved(*, batch: TransferBatch, session: UserSession | None) -> TransferBatch:
    """The same after this session has passed the second proof, which is used up with it. Raises
    `SecondProofOver` without one."""

    def check(locked: TransferBatch) -> None:
        use_proof(ask_of_batch(locked), session)
        locked.is_proved = True

    return in_one_transaction(lambda: _start_locked(batch.pk, check))


def ask_of_batch(batch: TransferBatch) -> Ask:
    """What a second proof for this file is bound to: every good line, and their sum."""
    count = batch.good_count
    return Ask(
        kind="batch",
        public_id=batch.public_id,
        user=batch.owner,
        amount_minor=batch.good_minor,
        currency=batch.currency,
        payee=ngettext("%(count)s payee", "%(count)s payees", count) % {"count": count},
        new_payee_minor=partial(largest_to_stranger, batch),
        facts=(batch.wallet_id, batch.content_hash, count),
    )


def stop_batch(*, user: User, public_id: UUID) -> None:
    """Leave out what has not been sent yet; a line that is being sent now may still go."""
    batch = get_batch_for(user, public_id)
    with transaction.atomic():
        stopped = TransferBatch.objects.filter(
            pk=batch.pk, state=BatchState.RUNNING, stopped_at=None
        ).update(stopped_at=timezone.now())
        if stopped:
            push_batch(batch.pk)


def expire_drafts() -> int:
    """Forget drafts whose time is over; how many."""
    ids = list(list_old_drafts().values_list("pk", flat=True)[:100])
    return sum(_end_draft(batch_id, BatchState.EXPIRED) for batch_id in ids)


def _start_locked(batch_id: int, check: Callable[[TransferBatch], None]) -> TransferBatch:
    """The decision, under the lock of the draft's row and then of the payer's wallet: two drafts
    of one wallet never read the same rest, nor both miss that they say the same."""
    batch = TransferBatch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch_id)
    if batch.state in (BatchState.RUNNING, BatchState.DONE):
        return batch
    if batch.shown_state != BatchState.DRAFT:
        raise BatchGone
    wallet = lock_wallet(batch.wallet_id)
    require_may_pay(wallet)
    before = find_sent_before(batch)
    if before is not None and before.confirmed_at is not None and not batch.is_repeat_wanted:
        raise BatchSentBefore(at=moment_text(before.confirmed_at))
    if obstacles := list_obstacles(batch, wallet):
        raise BatchDoesNotFit(obstacles[0])
    check(batch)
    now = timezone.now()
    batch.state = BatchState.RUNNING
    batch.confirmed_at = now
    batch.runs_until = now + timedelta(seconds=settings.PAYMENTS["batch"]["runs_seconds"])
    batch.save(update_fields=["state", "confirmed_at", "runs_until", "is_proved"])
    batch.lines.filter(problems=[]).update(
        outcome=LineOutcome.WAITING, payee_typed="", amount_typed=""
    )
    batch.lines.exclude(problems=[]).update(
        outcome=LineOutcome.NOT_PAID,
        failure_code="batch.bad_line",
        payee_typed="",
        amount_typed="",
    )
    record_event(
        user=batch.owner,
        kind="transfer_batch.authorised",
        details={"lines": batch.good_count, "batch": str(batch.public_id)},
    )
    push_batch(batch.pk)
    return batch


def _end_draft(batch_id: int, state: BatchState) -> bool:
    """Whether it was a draft until now. Its lines are deleted: they were never more than that."""
    with transaction.atomic():
        ended = TransferBatch.objects.filter(pk=batch_id, state=BatchState.DRAFT).update(
            state=state, finished_at=timezone.now(), file_name=""
        )
        if ended:
            BatchLine.objects.filter(batch_id=batch_id).delete()
    return bool(ended)


def _drop_drafts(user: User, *, keep: int) -> None:
    """A person has a few drafts at a time: the oldest give way."""
    drafts = TransferBatch.objects.filter(owner=user, state=BatchState.DRAFT).order_by("-pk")
    for batch_id in list(drafts.values_list("pk", flat=True)[keep:]):
        _end_draft(batch_id, BatchState.DISCARDED)


def _content_hash(user: User, raw_lines: Sequence[RawLine]) -> str:
    """The same for the same lines, however the file was saved. What was sent under an older key is
    called anew first, so that it is still known as the same."""
    cells = [
        (line.payee.strip(), line.amount.strip(), line.note.strip(), line.name.strip())
        for line in raw_lines
    ]
    newest, *older = keyed_hashes(purpose="transfer_batch", text=digest_of(cells))
    if older:
        sent = TransferBatch.objects.filter(
            owner=user, content_hash__in=older, state__in=[BatchState.RUNNING, BatchState.DONE]
        )
        sent.update(content_hash=newest)
    return newest


def _clean_file_name(name: str) -> str:
    """What a page can show of it."""
    try:
        return clean_note(name[-40:])
    except UnicodeError:
        return ""
