"""Writing down what a person wants to pay: once per form, whatever is sent how often."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.users.models import User
from ledger.values import digest_of
from payments.processing.errors import FormUsedBefore
from payments.processing.kinds import get_kind
from payments.processing.models import Payment
from payments.processing.new_payees import sum_to_new_payee
from payments.processing.states import PaymentState
from payments.processing.steps import Step, change_of, note_changes
from payments.processing.words import keep_words
from payments.proving.asking import Ask
from payments.wallets.amounts import amount_text
from payments.wallets.models import Wallet


def create_payment(
    *,
    user: User,
    kind: str,
    payer_wallet: Wallet | None,
    payee_wallet: Wallet | None,
    amount_minor: int,
    currency: str,
    compose_key: UUID,
    note: str = "",
    counterparty_label: str = "",
    payer_label: str = "",
    payee_typed: str = "",
    source: str = "",
    is_first_to_payee: bool = False,
    is_proved: bool = False,
    delay_seconds: int = 0,
    ttl_seconds: int | None = None,
) -> Payment:
    """Write down what a person wants to pay; nothing moves yet. It can be paid for 15 minutes,
    or `ttl_seconds`. `delay_seconds` is how long after being confirmed it shall arrive.

    `compose_key` is the key of the form: sent again with the same input it gives the first
    payment, with other input it raises `FormUsedBefore`. `source` names where the money comes
    from when that is no wallet (a card's id), so that another card is other input. `is_proved`:
    a second proof was given for the plan it belongs to.
    """
    get_kind(kind)
    digest = input_digest_of(
        kind=kind,
        payer_wallet=payer_wallet,
        payee_wallet=payee_wallet,
        amount_minor=amount_minor,
        currency=currency,
        note=note,
        source=source,
        delay_seconds=delay_seconds,
    )
    first = _find_first(user, compose_key)
    if first is None:
        now = timezone.now()
        lives = settings.PAYMENTS["form_ttl_seconds"] if ttl_seconds is None else ttl_seconds
        payment = Payment(
            kind=kind,
            payer_wallet=payer_wallet,
            payee_wallet=payee_wallet,
            amount_minor=amount_minor,
            currency=currency,
            note=note,
            counterparty_label=counterparty_label[:100],
            payer_label=payer_label[:100],
            payee_typed=payee_typed,
            is_first_to_payee=is_first_to_payee,
            is_proved=is_proved,
            created_by=user,
            compose_key=compose_key,
            input_digest=digest,
            created_at=now,
            expires_at=now + timedelta(seconds=lives),
            delay_seconds=delay_seconds,
        )
        first = _write_first(payment)
    if first.input_digest != digest:
        raise FormUsedBefore(
            amount=amount_text(first.amount_minor, first.currency), payee=first.counterparty_label
        )
    return first


def _write_first(payment: Payment) -> Payment:
    """The row, its words, and its first step; or the payment that has its key already."""
    try:
        with transaction.atomic():
            payment.save(force_insert=True)
            keep_words([payment])
            composed = Step(PaymentState.CREATED, payment.created_by, "composed")
            note_changes(payment, [change_of(payment, "", composed)])
    except IntegrityError:
        # The same form, sent twice at once: the other request was first.
        first = _find_first(payment.created_by, payment.compose_key)
        if first is None:
            raise
        return first
    return payment


def input_digest_of(
    *,
    kind: str,
    payer_wallet: Wallet | None,
    payee_wallet: Wallet | None,
    amount_minor: int,
    currency: str,
    note: str,
    source: str = "",
    delay_seconds: int = 0,
) -> str:
    """What makes two forms with one key the same form, or not."""
    return digest_of(
        kind,
        payer_wallet.pk if payer_wallet else None,
        payee_wallet.pk if payee_wallet else None,
        amount_minor,
        currency,
        note,
        source,
        delay_seconds,
    )


def ask_of(payment: Payment) -> Ask:
    """What a second proof for this payment is bound to. Money that comes in asks for none."""
    return Ask(
        kind="payment",
        public_id=payment.public_id,
        user=payment.created_by,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        payee=payment.counterparty_label,
        new_payee_minor=partial(sum_to_new_payee, payment),
        facts=(
            payment.kind,
            payment.payer_wallet_id,
            payment.payee_wallet_id,
            payment.payee_typed,
            payment.counterparty_label,
            payment.input_digest,
        ),
    )


def _find_first(user: User, compose_key: UUID) -> Payment | None:
    return Payment.objects.filter(created_by=user, compose_key=compose_key).first()
