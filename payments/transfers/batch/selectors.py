"""Reading batches. Every one comes through the person who asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404
from django.utils import timezone

from accounts.users.models import User
from payments.processing.new_payees import largest_to_new_payee
from payments.processing.states import PaymentState
from payments.transfers.batch.models import BatchLine, TransferBatch
from payments.transfers.batch.states import BatchState, LineOutcome
from payments.wallets.models import Wallet

# How long a worker has a batch for itself before it must say that it lives.
CLAIM = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is: lines and minor units."""

    paid: int
    paid_minor: int
    not_paid: int
    waiting: int

    @property
    def total(self) -> int:
        """All lines that were authorised."""
        return self.paid + self.not_paid + self.waiting

    @property
    def ended(self) -> int:
        """Lines with an outcome."""
        return self.paid + self.not_paid


def get_batch_for(user: User, public_id: UUID) -> TransferBatch:
    """This person's batch. Raises Http404 for any other, as for none."""
    batch = (
        TransferBatch.objects.select_related("wallet__owner", "owner")
        .filter(public_id=public_id, owner=user)
        .first()
    )
    if batch is None:
        raise Http404
    return batch


def list_batches(user: User, *, most: int = 10) -> list[TransferBatch]:
    """The newest of this person that can be looked at: drafts that wait, and what was sent."""
    live = Q(state=BatchState.DRAFT, expires_at__gt=timezone.now())
    sent = Q(state__in=[BatchState.RUNNING, BatchState.DONE])
    return list(TransferBatch.objects.filter(live | sent, owner=user).order_by("-pk")[:most])


def list_lines(batch: TransferBatch) -> list[BatchLine]:
    """All lines in the order of the file."""
    lines = list(batch.lines.select_related("payment").order_by("pk"))
    for line in lines:
        line.batch = batch
    return lines


def find_sent_before(batch: TransferBatch) -> TransferBatch | None:
    """The newest batch with the same lines that this person has sent."""
    return (
        TransferBatch.objects.filter(
            owner_id=batch.owner_id,
            content_hash=batch.content_hash,
            state__in=[BatchState.RUNNING, BatchState.DONE],
        )
        .exclude(pk=batch.pk)
        .order_by("-pk")
        .first()
    )


def progress_of(batch: TransferBatch) -> Progress:
    """Counted from the lines; a line that was left out from the beginning is not among them."""
    lines = BatchLine.objects.filter(batch=batch).exclude(failure_code="batch.bad_line")
    found = lines.aggregate(
        paid=Count("pk", filter=Q(outcome=LineOutcome.PAID)),
        paid_minor=Sum("amount_minor", filter=Q(outcome=LineOutcome.PAID), default=0),
        not_paid=Count("pk", filter=Q(outcome=LineOutcome.NOT_PAID)),
        waiting=Count("pk", filter=Q(outcome=LineOutcome.WAITING)),
    )
    return Progress(**found)


def drafted_before(user: User, keys: Collection[str]) -> set[str]:
    """Which of these numbers this person's other files have found a wallet by."""
    lines = BatchLine.objects.filter(
        batch__owner=user, payee_key__in=keys, payee_wallet__isnull=False
    )
    return set(lines.values_list("payee_key", flat=True))


def not_claimed(now: datetime) -> Q:
    """Batches that no worker holds. A claim further ahead than any can be is of a clock that was
    set back since: it must not hold a batch up for hours."""
    return Q(claimed_until=None) | Q(claimed_until__lte=now) | Q(claimed_until__gt=now + 2 * CLAIM)


def list_running_ids() -> list[int]:
    """Batches with lines still to send that no worker holds, the longest waiting first."""
    batches = TransferBatch.objects.filter(not_claimed(timezone.now()), state=BatchState.RUNNING)
    return list(batches.order_by("confirmed_at").values_list("pk", flat=True)[:50])


def list_old_drafts() -> QuerySet[TransferBatch]:
    """Drafts whose time is over."""
    return TransferBatch.objects.filter(state=BatchState.DRAFT, expires_at__lte=timezone.now())


def largest_to_stranger(batch: TransferBatch) -> int:
    """The largest sum of good lines to one payee whom this wallet does not know yet, with what went
    to them without a second proof before; minor units, 0 for none."""
    sums: Counter[int] = Counter()
    for line in list_lines(batch):
        if line.is_good and line.payee_wallet_id is not None:
            sums[line.payee_wallet_id] += line.amount_minor or 0
    return largest_to_new_payee(payer=batch.wallet, amounts=sums)


def promised_to(payer: Wallet, payees: Collection[int]) -> dict[int, int]:
    """What files without a second proof will still send to these wallets (pk), minor units."""
    lines = BatchLine.objects.filter(
        Q(payment=None) | Q(payment__state=PaymentState.CREATED),
        batch__wallet=payer,
        batch__state=BatchState.RUNNING,
        batch__is_proved=False,
        outcome=LineOutcome.WAITING,
        payee_wallet__in=payees,
    )
    return dict(
        lines.values("payee_wallet")
        .annotate(sum=Sum("amount_minor"))
        .order_by()
        .values_list("payee_wallet", "sum")
    )
