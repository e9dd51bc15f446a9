"""The limits of a wallet class, enforced in the transaction that moves the money.

Both functions are called under the lock of the wallet's row (`services.lock_wallet`), so two
payments of one wallet never read the same rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from accounts.caution.selectors import was_cautious
from payments.wallets.amounts import amount_text
from payments.wallets.days import bank_day
from payments.wallets.errors import LimitDay, LimitDayCount, LimitSingle, LimitYear
from payments.wallets.forecast import what_raises
from payments.wallets.models import LimitUsage, Wallet
from payments.wallets.selectors import LimitState, limit_state


def require_within_single(*, wallet: Wallet, amount_minor: int) -> None:
    """Raise `LimitSingle` for an amount that no payment of this wallet can have: for plans, whose
    days are still to come."""
    state = limit_state(wallet)
    if state.single is not None and amount_minor > state.single:
        most = amount_text(state.single, wallet.currency)
        raise LimitSingle(most=most, more=what_raises(state, "single"))


def require_within_limits(*, wallet: Wallet, amount_minor: int) -> LimitState:
    """Raise the Refusal of the first rule that this payment would break; else what is left, for
    `use_limits`."""
    return require_all_within_limits(wallet=wallet, amounts_minor=[amount_minor])


def require_all_within_limits(*, wallet: Wallet, amounts_minor: Sequence[int]) -> LimitState:
    """Raise the Refusal of the first rule that one of these payments would break if all of them
    were made now; at least one."""
    state = limit_state(wallet)
    largest, amount_minor = max(amounts_minor), sum(amounts_minor)

    def text(minor: int) -> str:
        return amount_text(minor, wallet.currency)

    if state.single is not None and largest > state.single:
        raise LimitSingle(most=text(state.single), more=what_raises(state, "single"))
    count = state.day_count_used + len(amounts_minor)
    if state.day_count is not None and count > state.day_count:
        raise LimitDayCount(
            most=state.day_count,
            clears_at=state.day_clears_at,
            more=what_raises(state, "day_count"),
        )
    if state.day is not None and state.day_left is not None and amount_minor > state.day_left:
        raise LimitDay(
            left=text(state.day_left),
            most=text(state.day),
            clears_at=state.day_clears_at,
            more=what_raises(state, "day"),
        )
    if state.year is not None and state.year_left is not None and amount_minor > state.year_left:
        raise LimitYear(
            left=text(state.year_left),
            most=text(state.year),
            clears_at=state.year_clears_at,
            more=what_raises(state, "year"),
        )
    return state


def use_limits(*, wallet: Wallet, state: LimitState, amount_minor: int, payments: int = 1) -> None:
    """Count payments that are being booked now, `amount_minor` together; `state` is what allowed
    them, read under the same lock."""
    periods = _periods(bank_day())
    if state.lowered is not None:
        periods.append((LimitUsage.Period.CAUTION, bank_day()))
    more = {
        "used_minor": F("used_minor") + amount_minor,
        "payment_count": F("payment_count") + payments,
    }
    if _rows(wallet, periods).update(**more) == len(periods):
        return
    # The first payment of a day, of a year, or of a caution: the others' rows are there already.
    known = set(_rows(wallet, periods).values_list("period", flat=True))
    LimitUsage.objects.bulk_create(
        LimitUsage(
            wallet=wallet,
            period=period,
            starts_on=starts_on,
            used_minor=amount_minor,
            payment_count=payments,
        )
        for period, starts_on in periods
        if period not in known
    )


def return_limits(*, wallet: Wallet, amount_minor: int, used_at: datetime) -> None:
    """Take back what `use_limits` counted at `used_at`: the payment did not happen after all."""
    day = bank_day(used_at)
    periods = _periods(day)
    if was_cautious(wallet.owner, used_at):
        periods.append((LimitUsage.Period.CAUTION, day))
    _rows(wallet, periods).update(
        used_minor=Greatest(F("used_minor") - amount_minor, 0),
        payment_count=Greatest(F("payment_count") - 1, 0),
    )


def _rows(wallet: Wallet, periods: Sequence[tuple[str, date]]) -> QuerySet[LimitUsage]:
    wanted = Q()
    for period, starts_on in periods:
        wanted |= Q(period=period, starts_on=starts_on)
    return LimitUsage.objects.filter(wanted, wallet=wallet)


def _periods(day: date) -> list[tuple[str, date]]:
    return [
        (LimitUsage.Period.DAY, day),
        (LimitUsage.Period.YEAR, day.replace(month=1, day=1)),
    ]
