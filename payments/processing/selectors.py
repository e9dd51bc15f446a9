"""Reading payments. Every object comes through the person who asks."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.states import TERMINAL, PaymentState
from payments.wallets.models import Wallet

# Overdue ones read as expired before the sweep has written it.
_LOOKED_AT = 20


def get_payment_for(user: User, public_id: UUID) -> Payment:
    """The payment this person made. Raises Http404 for any other, as for none."""
    return _made_by(user, Payment.objects.select_related("payer_wallet", "payee_wallet"), public_id)


def get_payment_to_confirm(user: User, public_id: UUID) -> Payment:
    """The same without its wallets, for whoever reads them under their locks anyway."""
    return _made_by(user, Payment.objects.all(), public_id)


def _made_by(user: User, payments: QuerySet[Payment], public_id: UUID) -> Payment:
    payment = payments.filter(public_id=public_id, created_by=user).first()
    if payment is None:
        raise Http404
    # Whom we ask for is known whole.
    payment.created_by = user
    return payment


def find_interrupted(user: User) -> Payment | None:
    """The newest payment this person made that has no end yet: it still may be paid, or the
    answer to it is on its way. One that arrives later as it should is not interrupted."""
    unfinished = Payment.objects.filter(
        created_by=user,
        state__in=(PaymentState.CREATED, PaymentState.PROCESSING),
        arrives_at=None,
    )
    newest = unfinished.order_by("-pk")[:_LOOKED_AT]
    return next((payment for payment in newest if payment.shown_state not in TERMINAL), None)


def is_payment_of(user: User, reference: str) -> bool:
    """Whether a payment with this reference is this person's, as payer or payee."""
    return Payment.objects.filter(
        Q(created_by=user) | Q(payer_wallet__owner=user) | Q(payee_wallet__owner=user),
        reference=reference,
    ).exists()


def is_form_used(user: User, compose_key: UUID) -> bool:
    """Whether this person's form with this key has become a payment already."""
    return Payment.objects.filter(created_by=user, compose_key=compose_key).exists()


def find_composed(user: User, compose_key: UUID) -> Payment | None:
    """What this person's form with this key has become already."""
    return Payment.objects.filter(created_by=user, compose_key=compose_key).first()


def has_typed_before(payer: Wallet, payee_typed: str) -> bool:
    """Whether this wallet has found a wallet by this phone or wallet number already."""
    return Payment.objects.filter(
        payer_wallet=payer, payee_typed=payee_typed, payee_wallet__isnull=False
    ).exists()


def typed_before(payer: Wallet, keys: Collection[str]) -> set[str]:
    """Which of these phone or wallet numbers this wallet has found a wallet by already."""
    found = Payment.objects.filter(
        payer_wallet=payer, payee_typed__in=keys, payee_wallet__isnull=False
    )
    return set(found.values_list("payee_typed", flat=True))


def has_paid_before(*, payer: Wallet, payee: Wallet) -> bool:
    """Whether a payment from one to the other ever succeeded."""
    return Payment.objects.filter(
        payer_wallet=payer, payee_wallet=payee, state=PaymentState.SUCCEEDED
    ).exists()


def list_recent_payees(wallet: Wallet, *, kind: str, most: int = 3) -> list[Payment]:
    """The newest payment to each of the last payees; looks at the last fifty payments."""
    newest: dict[int | None, Payment] = {}
    payments = Payment.objects.filter(
        payer_wallet=wallet, kind=kind, state=PaymentState.SUCCEEDED
    ).select_related("payee_wallet")
    for payment in payments.order_by("-pk")[:50]:
        newest.setdefault(payment.payee_wallet_id, payment)
    return list(newest.values())[:most]
