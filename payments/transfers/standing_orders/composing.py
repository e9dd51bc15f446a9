"""Writing down a standing order, and putting it in force with the payment password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.payment_password.services import check_payment_password
from accounts.security.services import record_event
from accounts.users.models import User
from ledger.values import digest_of
from payments.processing.new_payees import largest_to_new_payee
from payments.processing.retries import in_one_transaction
from payments.processing.selectors import has_paid_before
from payments.proving.asking import Ask
from payments.proving.errors import SecondProofNeeded
from payments.proving.services import ask_for_proof, require_no_proof, use_proof
from payments.transfers.services import look_up_payee
from payments.transfers.standing_orders.errors import (
    EndRefused,
    FirstDateRefused,
    OrderFormUsedBefore,
    TooManyOrders,
)
from payments.transfers.standing_orders.models import StandingOrder
from payments.transfers.standing_orders.rhythm import Rhythm
from payments.transfers.standing_orders.states import OrderState, Repeats
from payments.transfers.typed import clean_note, parse_amount
from payments.wallets.limits import require_within_single
from payments.wallets.models import Wallet
from payments.wallets.selectors import payee_key, wallet_label
from payments.wallets.services import lock_wallet, open_wallet, require_may_pay

if TYPE_CHECKING:
    from accounts.security.models import UserSession


@dataclass(frozen=True, slots=True)
class Timing:
    """When, as it was chosen; the zone is the owner's."""

    repeats: str
    starts_on: date
    at_time: time
    ends_on: date | None = None
    times: int | None = None


def compose_order(
    *,
    user: User,
    payee_text: str,
    amount_text: str,
    note: str,
    timing: Timing,
    compose_key: UUID,
) -> StandingOrder:
    """Write down a standing order for its check page; it is not in force yet.

    What is typed is as in `compose_transfer`, and so is the counted look-up of the payee: call it
    outside any transaction. Raises AmountRefused, NoteRefused, TooManyRequests, PayeeUnknown,
    PayeeIsPayer, Wallet..., LimitSingle, FirstDateRefused, EndRefused, TooManyOrders,
    OrderFormUsedBefore.
    """
    payer = open_wallet(user=user)
    amount = parse_amount(amount_text, payer.currency)
    clean = clean_note(note)
    payee = look_up_payee(user=user, payer=payer, payee_text=payee_text)
    rhythm = Rhythm(
        repeats=Repeats(timing.repeats),
        starts_on=timing.starts_on,
        at_time=timing.at_time,
        zone=user.zone_name,
        ends_on=timing.ends_on,
        times=timing.times,
    )
    digest = _digest(payer, payee, amount.minor, clean, rhythm)
    first = _find_first(user, compose_key)
    if first is None:
        require_may_pay(payer)
        require_within_single(wallet=payer, amount_minor=amount.minor)
        _require_dates(rhythm)
        _require_room(payer)
        now = timezone.now()
        try:
            with transaction.atomic():
                return StandingOrder.objects.create(
                    payer_wallet=payer,
                    payee_wallet=payee,
                    created_by=user,
                    amount_minor=amount.minor,
                    currency=payer.currency,
                    note=clean,
                    counterparty_label=wallet_label(payee)[:100],
                    payer_label=wallet_label(payer)[:100],
                    payee_typed=payee_key(payee_text),
                    is_first_to_payee=not has_paid_before(payer=payer, payee=payee),
                    repeats=rhythm.repeats,
                    starts_on=rhythm.starts_on,
                    at_time=rhythm.at_time,
                    zone=rhythm.zone,
                    ends_on=rhythm.ends_on,
                    times=rhythm.times,
                    compose_key=compose_key,
                    input_digest=digest,
                    created_at=now,
                    expires_at=now + timedelta(seconds=settings.PAYMENTS["form_ttl_seconds"]),
                )
        except IntegrityError:
            # The same form, sent twice at once: the other request was first.
            first = _find_first(user, compose_key)
            if first is None:
                raise
    if first.input_digest != digest:
        raise OrderFormUsedBefore
    return first


def authorise_order(
    *, order: StandingOrder, raw_payment_password: str, session: UserSession | None = None
) -> StandingOrder:
    """Check the payment password, then put the order in force: once, whatever is sent how often.

    From then on its dates are paid without asking again. Returns the order as it is then. Raises
    what `check_payment_password` raises, FirstDateRefused when the first date has passed
    meanwhile, TooManyOrders, Wallet..., SecondProofNeeded (then `authorise_order_proved`): it then
    stays as it was.
    """
    if order.state != OrderState.DRAFT or order.is_overdue:
        return in_one_transaction(lambda: _end_overdue(order.pk))
    check_payment_password(user=order.created_by, raw=raw_payment_password)

    def check(locked: StandingOrder) -> None:
        require_no_proof(ask_of_order(locked), session)

    try:
        return in_one_transaction(lambda: _put_in_force(order.pk, check))
    except SecondProofNeeded:
        ask_for_proof(ask=ask_of_order(order), session=session)
        raise


def authorise_order_proved(*, order: StandingOrder, session: UserSession | None) -> StandingOrder:
    """The same after this session has passed the second proof, which is used up with it. Raises
    `SecondProofOver` without one."""

    def check(locked: StandingOrder) -> None:
        use_proof(ask_of_order(locked), session)
        locked.is_proved = True

    return in_one_transaction(lambda: _put_in_force(order.pk, check))


def ask_of_order(order: StandingOrder, *, kind: str = "standing_order", to_minor: int = 0) -> Ask:
    """What a second proof for this plan is bound to; `to_minor` is another amount of each date."""
    amount_minor = to_minor or order.amount_minor
    # Among what is promised already, the plan stands with the amount it has now.
    is_counted = order.is_running and not order.is_proved
    added = amount_minor - (order.amount_minor if is_counted else 0)
    return Ask(
        kind=kind,
        public_id=order.public_id,
        user=order.created_by,
        amount_minor=amount_minor,
        currency=order.currency,
        payee=order.counterparty_label,
        new_payee_minor=partial(
            largest_to_new_payee,
            payer=order.payer_wallet,
            amounts={order.payee_wallet_id: added},
        ),
        facts=(
            order.payer_wallet_id,
            order.payee_wallet_id,
            order.counterparty_label,
            order.input_digest,
        ),
    )


def lock_order(order_id: int) -> StandingOrder:
    """The order under its row lock, re-read. Call inside a transaction."""
    return (
        StandingOrder.objects.select_for_update(of=("self",), no_key=True)
        .select_related("payer_wallet", "payee_wallet", "created_by")
        .get(pk=order_id)
    )


def _put_in_force(order_id: int, check: Callable[[StandingOrder], None]) -> StandingOrder:
    order = lock_order(order_id)
    if order.state != OrderState.DRAFT or order.is_overdue:
        return _end_overdue(order_id)
    # Its lock makes two orders at once count each other.
    payer = lock_wallet(order.payer_wallet_id)
    require_may_pay(payer)
    _require_dates(order.rhythm)
    _require_room(payer)
    check(order)
    order.state = OrderState.ACTIVE
    order.authorised_at = order.planned_at = timezone.now()
    order.next_due_at = order.rhythm.moment_of(0)
    order.save(update_fields=["state", "authorised_at", "planned_at", "next_due_at", "is_proved"])
    record_event(
        user=order.created_by,
        kind="standing_order.authorised",
        details={"order": str(order.public_id)},
    )
    return order


def _end_overdue(order_id: int) -> StandingOrder:
    order = lock_order(order_id)
    if order.is_overdue:
        order.state = OrderState.EXPIRED
        order.ended_at = timezone.now()
        order.save(update_fields=["state", "ended_at"])
    return order


def _require_dates(rhythm: Rhythm) -> None:
    now = timezone.now()
    if rhythm.starts_on > now.date() + relativedelta(years=2):
        raise FirstDateRefused(code="standing.far")
    is_long_over = rhythm.starts_on < now.date() - relativedelta(days=2)
    if is_long_over or rhythm.moment_on(rhythm.starts_on) <= now:
        raise FirstDateRefused(code="standing.past")
    if rhythm.moment_of(0) is None:
        raise EndRefused


def _require_room(payer: Wallet) -> None:
    most = settings.STANDING_ORDERS["most"]
    running = StandingOrder.objects.filter(
        payer_wallet=payer, state__in=(OrderState.ACTIVE, OrderState.PAUSED)
    )
    if running.count() >= most:
        raise TooManyOrders(most=most)


def _find_first(user: User, compose_key: UUID) -> StandingOrder | None:
    return StandingOrder.objects.filter(created_by=user, compose_key=compose_key).first()


def _digest(payer: Wallet, payee: Wallet, amount_minor: int, note: str, rhythm: Rhythm) -> str:
    return digest_of(
        payer.pk,
        payee.pk,
        amount_minor,
        payer.currency,
        note,
        rhythm.repeats,
        rhythm.starts_on.isoformat(),
        rhythm.at_time.isoformat(),
        rhythm.zone,
        rhythm.ends_on.isoformat() if rhythm.ends_on else None,
        rhythm.times,
    )
