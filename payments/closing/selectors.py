"""What stands in the way of closing, and how far a closing is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.users.models import User
from payments.banking.cases.models import PaymentCase
from payments.banking.cases.states import CaseState
from payments.closing.models import WalletClosing
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.states import BatchState
from payments.transfers.standing_orders.models import StandingRun
from payments.transfers.standing_orders.selectors import list_running
from payments.transfers.standing_orders.states import RunState
from payments.transfers.unclaimed.selectors import list_claimable
from payments.wallets.models import Wallet
from payments.wallets.selectors import wallet_balance


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing to settle first, and where. `amount_minor` where it is about money."""

    code: str
    title: str
    url: str
    amount_minor: int | None = None


def list_obstacles(user: User, wallet: Wallet) -> list[Obstacle]:
    """Everything that stands in the way of closing this person's wallet now."""
    return [
        *_money_left(wallet),
        *_frozen(wallet),
        *_on_their_way(wallet),
        *_planned(user),
        *_waiting_elsewhere(user, wallet),
    ]


def find_open(wallet: Wallet) -> WalletClosing | None:
    """The closing that is under way, if any."""
    return WalletClosing.objects.filter(wallet=wallet, taken_back_at=None, closed_at=None).first()


def list_due() -> list[int]:
    """Closings whose day has come, the longest waiting first."""
    due = WalletClosing.objects.filter(
        closes_at__lte=timezone.now(), taken_back_at=None, closed_at=None, stopped_at=None
    )
    return list(due.order_by("closes_at").values_list("pk", flat=True)[:200])


def _money_left(wallet: Wallet) -> Iterator[Obstacle]:
    left = wallet_balance(wallet).posted_minor
    if left:
        yield Obstacle("balance", _("Withdraw what is left"), reverse("banking:withdraw"), left)


def _frozen(wallet: Wallet) -> Iterator[Obstacle]:
    if wallet.is_frozen:
        yield Obstacle("frozen", _("The wallet is frozen"), reverse("safety:mine"))


def _on_their_way(wallet: Wallet) -> Iterator[Obstacle]:
    mine = Q(payer_wallet=wallet) | Q(payee_wallet=wallet)
    rows = Payment.objects.filter(mine, state=PaymentState.PROCESSING).order_by("pk")[:20]
    for payment in rows:
        name = "processing:result" if payment.payer_wallet_id == wallet.pk else "records:entry"
        url = reverse(name, kwargs={"public_id": payment.public_id})
        yield Obstacle("on_its_way", _("A payment on its way"), url, payment.amount_minor)


def _planned(user: User) -> Iterator[Obstacle]:
    orders = list_running(user)
    retried = StandingRun.objects.filter(order__created_by=user, state=RunState.WAITING)
    count = len({order.pk for order in orders} | set(retried.values_list("order_id", flat=True)))
    if count:
        title = ngettext("%(count)s planned transfer", "%(count)s planned transfers", count)
        yield _obstacle("planned", title, "standing_orders:later", count)
    running = TransferBatch.objects.filter(owner=user, state=BatchState.RUNNING)
    for batch in running[:20]:
        url = reverse("batch:show", kwargs={"public_id": batch.public_id})
        yield Obstacle("batch", _("A file of transfers is being sent"), url)


def _waiting_elsewhere(user: User, wallet: Wallet) -> Iterator[Obstacle]:
    count = list_claimable(user).count()
    if count:
        title = ngettext(
            "%(count)s transfer waits for you", "%(count)s transfers wait for you", count
        )
        yield _obstacle("claim", title, "unclaimed:claims", count)
    mine = Q(payment__payer_wallet=wallet) | Q(payment__payee_wallet=wallet)
    for case in PaymentCase.objects.filter(mine).exclude(state=CaseState.CLOSED)[:20]:
        title = _("Our staff are clearing a payment with the bank")
        yield Obstacle("case", title, reverse("cases:index"), case.amount_minor)
    shops = Wallet.objects.filter(owner=user, kind=Wallet.Kind.MERCHANT, closed_at=None).count()
    if shops:
        title = ngettext("%(count)s shop is yours", "%(count)s shops are yours", shops)
        yield _obstacle("shop", title, "cases:new", shops)


def _obstacle(code: str, title: str, url_name: str, count: int) -> Obstacle:
    facts: dict[str, Any] = {"count": count}
    return Obstacle(code, title % facts, reverse(url_name))
