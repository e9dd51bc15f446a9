"""Sending to a number without a wallet, accepting it, and giving it back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.security.sweeping import do_each
from accounts.users.models import User
from accounts.users.numbers import masked_phone
from ledger.errors import AccountClosed, BalanceCapExceeded
from ledger.services import post_entry
from ledger.values import Posting
from payments.processing.bookkeeping import hold_payment, require_enough
from payments.processing.composing import create_payment
from payments.processing.models import Payment
from payments.processing.retries import in_one_transaction
from payments.processing.selectors import is_form_used
from payments.processing.services import fail_payment, lock_payment, settle_payment
from payments.processing.states import PaymentState
from payments.processing.words import keep_words
from payments.transfers.errors import PayeeUnknown
from payments.transfers.services import look_up_payee
from payments.transfers.typed import clean_note, parse_amount
from payments.transfers.unclaimed.books import unclaimed_account_id
from payments.transfers.unclaimed.errors import (
    ClaimerFull,
    ClaimOver,
    ClaimPaused,
    HasWalletNow,
    NotAMobileNumber,
    TooManyWaiting,
)
from payments.transfers.unclaimed.models import UnclaimedTransfer
from payments.transfers.unclaimed.selectors import (
    count_waiting,
    get_unclaimed_for,
    list_overdue_ids,
)
from payments.wallets.amounts import amount_text as text_of
from payments.wallets.errors import WalletClosed
from payments.wallets.limits import require_within_limits
from payments.wallets.models import Wallet
from payments.wallets.selectors import is_mobile, payee_key, wallet_label
from payments.wallets.services import lock_wallet, open_wallet, require_may_pay

UNCLAIMED = "unclaimed"


def compose_unclaimed(
    *, user: User, payee_text: str, amount_text: str, note: str, compose_key: UUID
) -> Payment:
    """Write down a transfer to a mobile number that has no wallet; nothing moves.

    Arguments and refusals as `transfers.services.compose_transfer`; the look-up counts as there,
    so this tells nobody more than an ordinary transfer does. Raises HasWalletNow when the number
    can be paid at once, NotAMobileNumber, TooManyWaiting.
    """
    payer = open_wallet(user=user)
    amount = parse_amount(amount_text, payer.currency)
    clean = clean_note(note)
    phone = payee_key(payee_text)
    if not is_mobile(payee_text):
        raise NotAMobileNumber
    if not is_form_used(user, compose_key):
        _require_nobody(user=user, payer=payer, payee_text=payee_text)
        require_may_pay(payer)
        require_within_limits(wallet=payer, amount_minor=amount.minor)
        require_enough(wallet=payer, amount_minor=amount.minor)
        _require_room(payer)
    with transaction.atomic():
        payment = create_payment(
            user=user,
            kind=UNCLAIMED,
            payer_wallet=payer,
            payee_wallet=None,
            amount_minor=amount.minor,
            currency=payer.currency,
            compose_key=compose_key,
            note=clean,
            counterparty_label=masked_phone(phone),
            payer_label=wallet_label(payer),
            payee_typed=phone,
            source=phone,
        )
        UnclaimedTransfer.objects.get_or_create(payment=payment, defaults={"phone": phone})
    return payment


def reserve(payment: Payment) -> None:
    """Hold the money and start the clock, in the transaction that authorises the payment.

    Under the lock of the payer's wallet, so that the count of what waits is exact. Raises
    NotEnoughMoney, TooManyWaiting.
    """
    assert payment.payer_wallet is not None
    _require_room(payment.payer_wallet, itself=1)
    hold_payment(payment)
    lasts = timedelta(seconds=settings.PAYMENTS["unclaimed"]["ttl_seconds"])
    UnclaimedTransfer.objects.filter(payment=payment).update(returns_at=timezone.now() + lasts)


def claim_transfer(*, user: User, public_id: UUID) -> Payment:
    """The receiver accepts: the money is theirs, once, whoever else ends the payment meanwhile.

    The number is read again under the lock: it must be the person's at that moment. Raises
    Http404 for what never waited for them, ClaimOver, ClaimPaused, ClaimerFull, WalletClosed.
    """
    receiver = open_wallet(user=user)
    found = get_unclaimed_for(user, public_id)
    try:
        return in_one_transaction(lambda: _claim_locked(found.pk, receiver.pk))
    except BalanceCapExceeded:
        cap = settings.LIMITS[receiver.wallet_class]["balance_cap"] or 0
        raise ClaimerFull(most=text_of(cap, receiver.currency)) from None
    except AccountClosed:
        raise WalletClosed from None


def decline_transfer(*, user: User, public_id: UUID) -> Payment:
    """The receiver does not want it: the payer has it back at once. Raises ClaimOver, Http404."""
    found = get_unclaimed_for(user, public_id)

    def work() -> Payment:
        payment = lock_payment(found.payment_id)
        if payment.state == PaymentState.PROCESSING:
            return fail_payment(
                payment_id=payment.pk, code="unclaimed.declined", reason="declined by receiver"
            )
        if payment.failure_code != "unclaimed.declined":
            raise ClaimOver
        return payment

    return in_one_transaction(work)


def return_overdue() -> int:
    """Give back what nobody claimed in time; how many. May run anywhere and at once. One that
    cannot be given back stops none behind it."""
    return do_each(list_overdue_ids(), _return_one, what="unclaimed transfer")


def _return_one(payment_id: int) -> bool:
    def work() -> bool:
        payment = lock_payment(payment_id)
        is_due = UnclaimedTransfer.objects.filter(
            payment=payment, returns_at__lte=timezone.now()
        ).exists()
        if payment.state != PaymentState.PROCESSING or not is_due:
            return False
        fail_payment(payment_id=payment_id, code="unclaimed.returned", reason="not claimed in time")
        return True

    return in_one_transaction(work)


def _claim_locked(unclaimed_id: int, receiver_id: int) -> Payment:
    """Locks in the order of confirming: the payment, the payer's wallet, then the books'."""
    waiting = UnclaimedTransfer.objects.get(pk=unclaimed_id)
    payment = lock_payment(waiting.payment_id)
    if payment.state == PaymentState.SUCCEEDED and payment.payee_wallet_id == receiver_id:
        return payment
    receiver = Wallet.objects.select_related("owner").get(pk=receiver_id)
    is_theirs = str(receiver.owner.phone) == waiting.phone and receiver.owner.is_active
    is_open = payment.state == PaymentState.PROCESSING
    is_over = waiting.returns_at is None or waiting.returns_at <= timezone.now()
    if not is_theirs or not is_open or is_over:
        raise ClaimOver
    if receiver.is_closed:
        raise WalletClosed
    assert payment.payer_wallet_id is not None
    payer = lock_wallet(payment.payer_wallet_id)
    if payer.is_frozen or payer.is_closed or not payer.owner.is_active:
        raise ClaimPaused
    payment.payee_wallet = receiver
    payment.counterparty_label = wallet_label(receiver)[:100]
    payment.save(update_fields=["payee_wallet", "counterparty_label"])
    keep_words([payment])
    settled = settle_payment(payment_id=payment.pk, reason="claimed by receiver")
    post_entry(
        key=f"payment:{payment.public_id}:claim",
        event="unclaimed.claimed",
        postings=[
            Posting(
                debit=unclaimed_account_id(payment.currency),
                credit=receiver.ledger_account_id,
                amount_minor=payment.amount_minor,
            )
        ],
        note=payment.reference,
    )
    waiting.claimed_at = timezone.now()
    waiting.save(update_fields=["claimed_at"])
    return settled


def _require_nobody(*, user: User, payer: Wallet, payee_text: str) -> None:
    try:
        look_up_payee(user=user, payer=payer, payee_text=payee_text)
    except PayeeUnknown:
        return
    raise HasWalletNow


def _require_room(payer: Wallet, *, itself: int = 0) -> None:
    """`itself`: 1 when the payment that asks is counted already."""
    most = settings.PAYMENTS["unclaimed"]["most_waiting"]
    if count_waiting(payer) - itself >= most:
        raise TooManyWaiting(most=most)
