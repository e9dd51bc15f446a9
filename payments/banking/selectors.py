"""Reading cards and bank orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.http import Http404
from django.utils import timezone

from accounts.users.models import User
from payments.banking.cases.models import PaymentCase
from payments.banking.cases.states import CaseKind
from payments.banking.models import BankOrder, CardDraft, LinkedCard
from payments.banking.states import OPEN_STATES, OrderKind
from payments.wallets.models import Wallet
from payments.wallets.selectors import limit_state, wallet_balance

MOST_CARDS = 10
# Longer than a worker may take with one order; one that died loses its claim after this.
CLAIM_SECONDS = 60
CLOCK_SLACK = timedelta(minutes=10)
# Age of an open order -> how long to wait before asking again, in seconds.
ASK_AGAIN = ((60, 5), (30 * 60, 30), (24 * 3600, 300))
ASK_AGAIN_LATER = 3600
# No order is ever told to wait longer than this.
LONGEST_WAIT_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a top-up may add, in minor units. `room_minor` is None where there is no cap."""

    available_minor: int
    on_their_way_minor: int
    cap_minor: int | None
    room_minor: int | None


@dataclass(frozen=True, slots=True)
class WithdrawForecast:
    """What a withdrawal may take now, in minor units. `limit_minor` is what the limits leave for
    one payment, None where there is no limit; `most_minor` is what all of it comes to."""

    available_minor: int
    on_their_way_minor: int
    limit_minor: int | None
    most_minor: int


def list_cards(user: User) -> QuerySet[LinkedCard]:
    """The person's linked cards, oldest first."""
    return LinkedCard.objects.filter(owner=user, removed_at=None)


def get_card_for(user: User, public_id: UUID) -> LinkedCard:
    """One linked card of this person; 404 unless it is theirs."""
    card = list_cards(user).filter(public_id=public_id).first()
    if card is None:
        raise Http404
    return card


def find_card_holder(number_indexes: Sequence[str]) -> LinkedCard | None:
    """The linked card with this number, under whichever index key, whoever holds it."""
    return LinkedCard.objects.filter(number_index__in=number_indexes, removed_at=None).first()


def get_draft_for(user: User, public_id: UUID) -> CardDraft:
    """A card that this person entered, linked by now or not; 404 for everybody else's."""
    draft = CardDraft.objects.filter(owner=user, public_id=public_id).first()
    if draft is None:
        raise Http404
    return draft


def has_open_orders(card: LinkedCard) -> bool:
    """Whether money is on its way from or to this card."""
    return BankOrder.objects.filter(card=card, state__in=OPEN_STATES).exists()


def top_ups_on_their_way_minor(wallet: Wallet) -> int:
    """The sum of top-ups the bank has not answered finally, in minor units."""
    total = BankOrder.objects.filter(
        payment__payee_wallet=wallet, kind=OrderKind.COLLECT, state__in=OPEN_STATES
    ).aggregate(total=Sum("amount_minor"))["total"]
    return int(total or 0)


def to_ask_about(now: datetime) -> Q:
    """Orders whose time has come and that no worker holds.

    A time further off than any we write was written under another clock, which has been set back
    since: it counts as past, or the order would wait for that clock to come round again. The
    slack is for workers that looked at the clock in another moment, or on another machine.
    """
    longest = timedelta(seconds=LONGEST_WAIT_SECONDS) + CLOCK_SLACK
    claim = timedelta(seconds=CLAIM_SECONDS) + CLOCK_SLACK
    is_due = Q(next_at__lte=now) | Q(next_at__gt=now + longest)
    is_due |= Q(state__in=OPEN_STATES) & _waits_by_another_clock(now)
    is_free = Q(claimed_until__lte=now) | Q(claimed_until__gt=now + claim)
    return (Q(state__in=OPEN_STATES) | Q(looks_left__gt=0)) & is_due & is_free


def _waits_by_another_clock(now: datetime) -> Q:
    """Open orders written in our future, or told to wait longer than their age allows."""
    found = Q(created_at__gt=now + CLOCK_SLACK)
    for younger_than, wait in ASK_AGAIN:
        young = Q(created_at__gt=now - timedelta(seconds=younger_than))
        found |= young & Q(next_at__gt=now + timedelta(seconds=wait) + CLOCK_SLACK)
    return found


def list_due_order_ids(most: int = 100) -> list[int]:
    """Orders to ask the bank about now, the longest waiting first."""
    due = BankOrder.objects.filter(to_ask_about(timezone.now())).order_by("next_at", "pk")
    return list(due.values_list("pk", flat=True)[:most])


def find_order_of(payment_id: int) -> BankOrder | None:
    """The order that moves the money of a payment, with its card."""
    return (
        BankOrder.objects.filter(
            payment_id=payment_id, kind__in=(OrderKind.COLLECT, OrderKind.PAY_OUT)
        )
        .select_related("card")
        .first()
    )


def withdraw_forecast(wallet: Wallet) -> WithdrawForecast:
    """How much this wallet can send to a card now: what is there, and what the limits leave."""
    available = wallet_balance(wallet).available_minor
    limit = limit_state(wallet).most_now
    on_their_way = BankOrder.objects.filter(
        payment__payer_wallet=wallet, kind=OrderKind.PAY_OUT, state__in=OPEN_STATES
    ).aggregate(total=Sum("amount_minor"))["total"]
    return WithdrawForecast(
        available_minor=available,
        on_their_way_minor=int(on_their_way or 0),
        limit_minor=limit,
        most_minor=available if limit is None else min(available, limit),
    )


def top_up_forecast(wallet: Wallet) -> Forecast:
    """How much this wallet can still take, top-ups on their way included."""
    balance = wallet_balance(wallet)
    on_their_way = top_ups_on_their_way_minor(wallet)
    cap = settings.LIMITS[wallet.wallet_class]["balance_cap"]
    room = None if cap is None else max(0, cap - balance.posted_minor - on_their_way)
    return Forecast(
        available_minor=balance.available_minor,
        on_their_way_minor=on_their_way,
        cap_minor=cap,
        room_minor=room,
    )


def list_overdue_orders(seconds: int, most: int = 500) -> list[BankOrder]:
    """Open orders older than `seconds` that are no case yet, the oldest first."""
    oldest = timezone.now() - timedelta(seconds=seconds)
    known = PaymentCase.objects.filter(order=OuterRef("pk"), kind=CaseKind.UNKNOWN, closed_at=None)
    return list(
        BankOrder.objects.filter(
            ~Exists(known), state__in=OPEN_STATES, created_at__lte=oldest
        ).order_by("created_at")[:most]
    )
