"""Many payments of one payer at once: one transaction and one set of entries in the books.

For a batch whose every payment would succeed, which is nearly every batch. Whatever stands in the
way of one of them, nothing is done, and the caller carries them out one by one (`services`),
where each gets its own refusal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.security.errors import Refusal
from ledger.errors import LedgerError
from ledger.services import post_entries
from ledger.values import EntryDraft
from payments.processing.composing import input_digest_of
from payments.processing.kinds import get_kind
from payments.processing.models import Payment, PaymentStatusChange
from payments.processing.retries import in_one_transaction
from payments.processing.states import PaymentState
from payments.processing.words import keep_words
from payments.wallets.limits import require_all_within_limits, use_limits
from payments.wallets.services import lock_wallet, require_may_pay


def write_together(payments: Sequence[Payment]) -> list[Payment]:
    """Write many new payments down, as `composing.create_payment` does for one. In the caller's
    transaction, which has made sure under a lock that none of their keys is used: a key that is
    raises IntegrityError."""
    for payment in payments:
        payment.input_digest = input_digest_of(
            kind=payment.kind,
            payer_wallet=payment.payer_wallet,
            payee_wallet=payment.payee_wallet,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            note=payment.note,
            delay_seconds=payment.delay_seconds,
        )
    written = Payment.objects.bulk_create(payments)
    keep_words(written)
    PaymentStatusChange.objects.bulk_create(
        PaymentStatusChange(
            payment=payment,
            from_state="",
            to_state=PaymentState.CREATED,
            by=payment.created_by,
            reason="composed",
        )
        for payment in written
    )
    return written


def confirm_together(*, payment_ids: Collection[int], reason: str) -> int:
    """Carry out all of these payments, authorised as a whole, or none; returns how many.

    The checks are those of `confirm_authorised`, made for all under the same locks: state and
    time of each payment, the payer's wallet, the limits for each and for the sum, the payees, the
    books. 0 when any of them fails, and then nothing has changed.
    """
    return in_one_transaction(lambda: _confirm_locked(payment_ids, reason)) if payment_ids else 0


def _confirm_locked(payment_ids: Collection[int], reason: str) -> int:
    payments = list(
        Payment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("payer_wallet", "payee_wallet__owner", "created_by")
        .filter(pk__in=payment_ids)
        .order_by("pk")
    )
    payer_ids = {payment.payer_wallet_id for payment in payments}
    if len(payments) != len(payment_ids) or len(payer_ids) != 1:
        return 0
    if not all(_may_go(payment) for payment in payments):
        return 0
    (payer_id,) = payer_ids
    assert payer_id is not None
    payer = lock_wallet(payer_id)
    try:
        with transaction.atomic():
            require_may_pay(payer)
            allowed = require_all_within_limits(
                wallet=payer, amounts_minor=[payment.amount_minor for payment in payments]
            )
            _carry_out(payments, reason)
            use_limits(
                wallet=payer,
                state=allowed,
                amount_minor=sum(payment.amount_minor for payment in payments),
                payments=len(payments),
            )
    except (Refusal, LedgerError):
        return 0
    return len(payments)


def _may_go(payment: Payment) -> bool:
    kind = get_kind(payment.kind)
    payee = payment.payee_wallet
    return (
        payment.state == PaymentState.CREATED
        and not payment.is_overdue
        and payment.payer_wallet_id is not None
        and (kind.begin is None or not kind.waits(payment))
        and (payee is None or (not payee.is_closed and payee.owner.is_active))
    )


def _carry_out(payments: Sequence[Payment], reason: str) -> None:
    """The two steps that `services.move_payment` makes for one, made for all."""
    post_entries(
        [
            EntryDraft(
                key=f"payment:{payment.public_id}",
                event=payment.kind,
                postings=tuple(get_kind(payment.kind).postings(payment)),
                note=payment.reference,
            )
            for payment in payments
        ]
    )
    now = timezone.now()
    Payment.objects.filter(pk__in=[payment.pk for payment in payments]).update(
        state=PaymentState.SUCCEEDED, confirmed_at=now, succeeded_at=now
    )
    PaymentStatusChange.objects.bulk_create(
        PaymentStatusChange(
            payment=payment,
            from_state=from_state,
            to_state=to_state,
            by=payment.created_by if to_state == PaymentState.PROCESSING else None,
            reason=why,
        )
        for payment in payments
        for from_state, to_state, why in (
            (PaymentState.CREATED, PaymentState.PROCESSING, reason[:200]),
            (PaymentState.PROCESSING, PaymentState.SUCCEEDED, "booked"),
        )
    )
