"""Confirming and ending payments. Money moves in `confirm_payment`, `confirm_proved`,
`confirm_authorised` and `settle_payment`, nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.payment_password.services import check_payment_password
from accounts.users.models import User
from ledger.errors import AccountClosed, BalanceCapExceeded
from payments.processing.bookkeeping import book_payment, release_payment
from payments.processing.composing import ask_of
from payments.processing.errors import PaymentMayNot
from payments.processing.kinds import get_kind
from payments.processing.models import Payment
from payments.processing.retries import in_one_transaction
from payments.processing.states import PaymentState, may_become
from payments.processing.steps import Step, change_of, note_changes
from payments.proving.errors import SecondProofNeeded
from payments.proving.services import ask_for_proof, require_no_proof, use_proof
from payments.wallets.limits import require_within_limits, return_limits, use_limits
from payments.wallets.services import lock_wallet, require_may_pay

if TYPE_CHECKING:
    from accounts.security.models import UserSession


def confirm_payment(
    *, payment: Payment, raw_payment_password: str, session: UserSession | None = None
) -> Payment:
    """Check the payment password, then move the money: once, whatever is sent how often.

    The password is checked in its own committed transaction first, so that no rollback forgets a
    wrong try. Then one durable transaction locks the payment, reads everything again and decides.
    Returns the payment as it is then: succeeded, processing (a bank is asked), failed for good,
    or whatever an earlier request made of it. Raises a Refusal when the payer can do something
    about it (`PaymentPasswordWrong`, `PaymentPasswordLocked`, `NotEnoughMoney`, `Limit...`,
    `WalletFrozen`): the payment then stays as it was and nothing was charged. So it does on
    `SecondProofNeeded`, when the payer's rules want more than the password: `session`, the one
    that typed it, may then go on with `proving.services.pass_proof` and `confirm_proved`.
    Source: OWASP Transaction Authorization; specs/security, rows 1 to 5.
    """
    if payment.state != PaymentState.CREATED or payment.is_overdue:
        # Nothing to pay any more, so no password is looked at, and none of it may pay either:
        # a clock set back between here and the lock must not bring an overdue payment to life.
        return in_one_transaction(lambda: _end_overdue(payment.pk))
    check_payment_password(user=payment.created_by, raw=raw_payment_password)

    def check(locked: Payment) -> None:
        require_no_proof(ask_of(locked), session)

    try:
        return in_one_transaction(lambda: _confirm_locked(payment.pk, check=check))
    except SecondProofNeeded:
        ask_for_proof(ask=ask_of(payment), session=session)
        raise


def confirm_proved(*, payment: Payment, session: UserSession | None) -> Payment:
    """Move the money of a payment whose second proof this session has just passed, once: the proof
    is used up in the same transaction, for exactly this payment.

    Everything else is as in `confirm_payment`. Raises `SecondProofOver` without such a proof.
    """

    def check(locked: Payment) -> None:
        use_proof(ask_of(locked), session)
        locked.is_proved = True
        locked.save(update_fields=["is_proved"])

    return in_one_transaction(lambda: _confirm_locked(payment.pk, check=check))


def confirm_authorised(*, payment_id: int, reason: str) -> Payment:
    """Carry out a payment of a plan that was authorised as a whole: no password is asked again.

    Everything else is as in `confirm_payment`: the same checks, the same single booking, the same
    refusals. `reason` names the authority ("standing order 4711") in the payment's history.
    """
    return in_one_transaction(lambda: _confirm_locked(payment_id, reason=reason))


def cancel_payment(*, payment: Payment) -> Payment:
    """The payer thinks better of it. Cancelling twice is fine. Raises `PaymentMayNot` later on."""

    def work() -> Payment:
        locked = lock_payment(payment.pk)
        if locked.state == PaymentState.CREATED:
            move_payment(
                locked, PaymentState.CANCELLED, by=locked.created_by, reason="cancelled by payer"
            )
        elif locked.state != PaymentState.CANCELLED:
            raise PaymentMayNot(state=locked.state)
        return locked

    return in_one_transaction(work)


def stop_payment(*, payment_id: int, by: User | None, reason: str) -> Payment:
    """End a payment on its way before it arrives: the money is free again at once, and so are
    the limits it used. Joins the caller's transaction; stopping twice is fine.

    Raises `PaymentMayNot` when it arrived, failed, or is of a kind that cannot be stopped (now).
    """
    with transaction.atomic():
        payment = lock_payment(payment_id)
        if payment.state == PaymentState.CANCELLED:
            return payment
        if payment.state != PaymentState.PROCESSING or not get_kind(payment.kind).may_stop(payment):
            raise PaymentMayNot(state=payment.state)
        _release(payment)
        move_payment(payment, PaymentState.CANCELLED, by=by, reason=reason)
        return payment


def settle_payment(*, payment_id: int, reason: str = "") -> Payment:
    """What stood outside has happened: book it and end well. Joins the caller's transaction.

    Already succeeded: returned as it is. Raises what `book_payment` raises, and `PaymentMayNot`
    for a payment that ended otherwise.
    """
    with transaction.atomic():
        payment = lock_payment(payment_id)
        if payment.state == PaymentState.SUCCEEDED:
            return payment
        if payment.state != PaymentState.PROCESSING:
            raise PaymentMayNot(state=payment.state)
        book_payment(payment)
        move_payment(payment, PaymentState.SUCCEEDED, by=None, reason=reason)
        return payment


def fail_payment(
    *,
    payment_id: int,
    code: str,
    params: Mapping[str, object] | None = None,
    reason: str = "",
) -> Payment:
    """What stood outside was refused: nothing was booked, what was reserved is free again, and
    so are the limits. Joins the caller's transaction.

    `code` and `params` choose the sentence (`errors.FAILURES`). Already failed: returned as it is.
    """
    with transaction.atomic():
        payment = lock_payment(payment_id)
        if payment.state == PaymentState.FAILED:
            return payment
        if payment.state == PaymentState.PROCESSING:
            _release(payment)
        _fail(payment, code=code, params=params or {}, reason=reason)
        return payment


def move_payment(payment: Payment, to_state: str, *, by: User | None, reason: str) -> None:
    """Change `Payment.state`: checks the table, writes the row and the step.

    Call under the payment's row lock. Raises `PaymentMayNot` for a step that is not in the table.
    """
    _walk(payment, Step(to_state, by, reason))


def _walk(payment: Payment, *steps: Step) -> None:
    """The only writer of `Payment.state`. Several steps at once cost as much as one."""
    changed = {"state"}
    changes = []
    for step in steps:
        from_state = payment.state
        if not may_become(from_state, step.to_state):
            raise PaymentMayNot(state=from_state)
        payment.state = step.to_state
        if step.to_state == PaymentState.PROCESSING:
            payment.confirmed_at = timezone.now()
            changed.add("confirmed_at")
        elif step.to_state == PaymentState.SUCCEEDED:
            payment.succeeded_at = timezone.now()
            changed.add("succeeded_at")
        elif step.to_state == PaymentState.FAILED:
            changed |= {"failure_code", "failure_params"}
        changes.append(change_of(payment, from_state, step))
    payment.save(update_fields=changed)
    note_changes(payment, changes)


def _no_check(payment: Payment) -> None:
    """For payments of a plan, which was authorised as a whole."""


def _confirm_locked(
    payment_id: int,
    *,
    reason: str = "confirmed by payer",
    check: Callable[[Payment], None] = _no_check,
) -> Payment:
    """The decision, under the lock of the payment's row and then of the payer's wallet. `check`
    says whether the payer has proved enough for money to leave.

    The payee's wallet is not locked: nothing about it is decided here that the books do not
    decide themselves, under their own locks in pk order. So a popular payee is no queue, and
    A to B beside B to A cannot wait for each other.
    """
    payment = lock_payment(payment_id)
    if payment.state != PaymentState.CREATED or payment.is_overdue:
        return _end_overdue(payment_id)
    if payment.payer_wallet_id is not None:
        payer = payment.payer_wallet = lock_wallet(payment.payer_wallet_id)
        if payment.created_by_id == payer.owner_id:
            payment.created_by = payer.owner
        require_may_pay(payer)
        allowed = require_within_limits(wallet=payer, amount_minor=payment.amount_minor)
        check(payment)
    _carry_out(payment, Step(PaymentState.PROCESSING, payment.created_by, reason))
    if payment.payer_wallet_id is not None and payment.state != PaymentState.FAILED:
        use_limits(wallet=payer, state=allowed, amount_minor=payment.amount_minor)
    return payment


def _end_overdue(payment_id: int) -> Payment:
    payment = lock_payment(payment_id)
    if payment.state == PaymentState.CREATED and payment.is_overdue:
        move_payment(payment, PaymentState.EXPIRED, by=None, reason="not paid in time")
    return payment


def _carry_out(payment: Payment, confirmed: Step) -> None:
    """Book it, or begin what something outside will settle."""
    payee = payment.payee_wallet
    is_gone = payee is not None and (payee.is_closed or not payee.owner.is_active)
    if is_gone and payment.payer_wallet_id is not None:
        _walk(payment, confirmed)
        _fail(payment, code="payee.closed", params={}, reason="payee closed")
        return
    kind = get_kind(payment.kind)
    try:
        if kind.begin is not None and kind.waits(payment):
            _walk(payment, confirmed)
            with transaction.atomic():
                kind.begin(payment)
            return
        # Refused, the books have written nothing and leave the transaction as it was.
        book_payment(payment)
    except (BalanceCapExceeded, AccountClosed) as refusal:
        if payment.state != PaymentState.PROCESSING:
            _walk(payment, confirmed)
        _fail_as_refused(payment, refusal)
    else:
        _walk(payment, confirmed, Step(PaymentState.SUCCEEDED, None, "booked"))


def _fail_as_refused(payment: Payment, refusal: BalanceCapExceeded | AccountClosed) -> None:
    if isinstance(refusal, AccountClosed):
        _fail(payment, code="payee.closed", params={}, reason="ledger account closed")
    else:
        # How much the payee has is the payee's business: the sentence says only "not now".
        _fail(payment, code="limit.balance", params={}, reason="payee's balance cap")


def _release(payment: Payment) -> None:
    """Undo what confirming reserved: the money and the limits. Under the payment's lock."""
    release_payment(payment)
    if payment.payer_wallet_id is not None and payment.confirmed_at is not None:
        return_limits(
            wallet=lock_wallet(payment.payer_wallet_id),
            amount_minor=payment.amount_minor,
            used_at=payment.confirmed_at,
        )


def _fail(payment: Payment, *, code: str, params: Mapping[str, object], reason: str) -> None:
    payment.failure_code = code
    payment.failure_params = dict(params)
    move_payment(payment, PaymentState.FAILED, by=None, reason=reason)


def lock_payment(payment_id: int) -> Payment:
    """The payment under its row lock, re-read. Call inside a transaction."""
    return (
        Payment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("payee_wallet__owner")
        .get(pk=payment_id)
    )
