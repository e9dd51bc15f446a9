"""How much goes to a payee whom the payer does not know yet, without a second proof.

A payee is known once a payment to them carried a second proof, or arrived so long ago that its
payer has had time to notice (`SECOND_PROOF["payee_known_seconds"]`), as a new device is. Until then
everything to them counts together: many small payments are one large one, and a first one of a cent
makes nobody known. Asked under the lock of the payer's wallet, so that payments at once count each
other, as for the limits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.wallets.models import Wallet
from payments.wallets.selectors import find_payee

# What was authorised without a second proof and is to be paid later: minor units by payee's pk.
Promises = Callable[[Wallet, Collection[int]], Mapping[int, int]]
_PROMISES: list[Promises] = []


def register_promises(find: Promises) -> None:
    """Make plans of a room count from the moment they were authorised, not only once they pay."""
    _PROMISES.append(find)


def sum_to_new_payee(payment: Payment) -> int:
    """This payment with all that went to its payee without a second proof, in minor units; 0 for
    a payee who is known, and for what goes to nobody (a withdrawal)."""
    payer = payment.payer_wallet
    if payer is None:
        return 0
    if payment.payee_wallet_id is not None:
        return largest_to_new_payee(
            payer=payer, amounts={payment.payee_wallet_id: payment.amount_minor}
        )
    if not payment.payee_typed:
        return 0
    # A number without a wallet is nobody who could be known. Its owner may have opened one since.
    receiver = find_payee(payment.payee_typed)
    pks = [] if receiver is None else [receiver.pk]
    waiting = _on_their_way(payer).filter(payee_wallet=None, payee_typed=payment.payee_typed)
    sent = waiting.aggregate(sum=Sum("amount_minor", default=0))["sum"]
    return int(payment.amount_minor + sent + _sent(payer, pks).total())


def largest_to_new_payee(*, payer: Wallet, amounts: Mapping[int, int]) -> int:
    """`amounts` are minor units by the pk of the payee's wallet. The largest sum of one of them and
    what went to the same payee without a second proof; 0 when the payer knows them all."""
    phones = _strangers(payer, amounts)
    sums = _sent(payer, phones)
    for payee, amount_minor in amounts.items():
        if payee in phones:
            sums[payee] += amount_minor
    by_phone: dict[str, list[int]] = {}
    for payee, phone in phones.items():
        by_phone.setdefault(phone, []).append(payee)
    # What waits for somebody to accept it, sent to the number before it was known to have a wallet.
    waiting = _on_their_way(payer).filter(payee_wallet=None).exclude(payee_typed="")
    for typed, amount_minor in waiting.values_list("payee_typed", "amount_minor"):
        for payee in by_phone.get(typed, ()):
            sums[payee] += amount_minor
    return max(sums.values(), default=0)


def _strangers(payer: Wallet, payees: Collection[int]) -> dict[int, str]:
    """Those of the wallets that the payer does not know, and the number of each owner."""
    to_them = Payment.objects.filter(payer_wallet=payer, payee_wallet=OuterRef("pk"))
    settled = to_them.filter(state=PaymentState.SUCCEEDED)
    known_after = timedelta(seconds=settings.SECOND_PROOF["payee_known_seconds"])
    found = Wallet.objects.filter(
        ~Exists(settled.filter(succeeded_at__lte=timezone.now() - known_after)),
        ~Exists(settled.filter(is_proved=True)),
        ~Exists(to_them.filter(state=PaymentState.PROCESSING, is_proved=True)),
        pk__in=payees,
    )
    return {pk: str(phone) for pk, phone in found.values_list("pk", "owner__phone")}


def _sent(payer: Wallet, payees: Collection[int]) -> Counter[int]:
    """What went to wallets that are not known, is on its way, or is promised; all of it, as nothing
    older than the time of a new payee can be among it."""
    sums: Counter[int] = Counter()
    if not payees:
        return sums
    # In this order: what arrives between two looks counts twice rather than not at all.
    arrived = Payment.objects.filter(
        payer_wallet=payer, state=PaymentState.SUCCEEDED, is_proved=False
    )
    for payments in (_on_their_way(payer), arrived):
        found = payments.filter(payee_wallet__in=payees).values("payee_wallet")
        sums.update(
            dict(found.annotate(sum=Sum("amount_minor")).values_list("payee_wallet", "sum"))
        )
    for find in _PROMISES:
        sums.update(find(payer, payees))
    return sums


def _on_their_way(payer: Wallet) -> QuerySet[Payment]:
    return Payment.objects.filter(
        payer_wallet=payer, state=PaymentState.PROCESSING, is_proved=False
    )
