"""Reading wallets: whose, how much is there, how much of the limits is left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise

from accounts.caution.selectors import list_cautions
from accounts.identity.selectors import masked_name, masked_names
from accounts.phone.numbers import clean_phone
from accounts.users.models import User
from accounts.users.selectors import find_user_by_phone
from ledger.selectors import get_balance
from ledger.values import Balance
from payments.wallets.days import bank_day, bank_midnight
from payments.wallets.models import LimitOverride, LimitUsage, OwnLimits, Wallet
from payments.wallets.numbers import is_wallet_number

if TYPE_CHECKING:
    from accounts.caution.models import Caution


Rules = dict[str, int | None]


@dataclass(frozen=True, slots=True)
class Lowered:
    """Limits that are lower for a while after a risky change of the owner."""

    rules: frozenset[str]
    until: datetime
    reason: str | Promise


@dataclass(frozen=True, slots=True)
class Granted:
    """Limits that the bank set for this wallet for a time, in place of the class's."""

    rules: frozenset[str]
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class LimitState:
    """What a wallet may still pay out; minor units, None where there is no limit.

    The rules are the narrowest of the class's (or what the bank granted in their place), the
    owner's and those of a time of caution; `granted`, `own` and `lowered` name theirs.
    """

    wallet_class: str
    granted: Granted | None
    own: frozenset[str]
    lowered: Lowered | None
    single: int | None
    day: int | None
    day_used: int
    day_left: int | None
    day_clears_at: datetime
    day_count: int | None
    day_count_used: int
    year: int | None
    year_used: int
    year_left: int | None
    year_clears_at: datetime
    balance_cap: int | None

    @property
    def most_now(self) -> int | None:
        """The largest single payment that all limits together allow now."""
        known = [rule for rule in (self.single, self.day_left, self.year_left) if rule is not None]
        if self.day_count_left == 0:
            return 0
        return min(known) if known else None

    @property
    def day_count_left(self) -> int | None:
        """How many more payments today allows."""
        return _left(self.day_count, self.day_count_used)


@dataclass(frozen=True, slots=True)
class Payee:
    """A wallet that can be paid, and the text by which the payer found it."""

    wallet: Wallet
    typed: str


def get_wallet_for(user: User) -> Wallet:
    """The person's own wallet. Raises `Wallet.DoesNotExist` before it was opened."""
    return Wallet.objects.select_related("owner").get(owner=user, kind=Wallet.Kind.PERSONAL)


def find_wallet_for(user: User) -> Wallet | None:
    """The same, None before it was opened."""
    return (
        Wallet.objects.select_related("owner").filter(owner=user, kind=Wallet.Kind.PERSONAL).first()
    )


def find_payee(text: str) -> Wallet | None:
    """The open wallet behind a phone or wallet number, however it is spaced; None for others.

    Callers count look-ups ("payee.lookup" of `RATE_LIMITS`): the answer tells who is a customer.
    """
    return _find_by_key(payee_key(text))


def payee_key(text: str) -> str:
    """What was typed, made one: sixteen digits or E.164; empty when it is neither."""
    digits = "".join(text.split()).replace("-", "")
    if is_wallet_number(digits):
        return digits
    try:
        return clean_phone(text)
    except ValidationError:
        return ""


def find_payees(keys: Collection[str]) -> dict[str, Wallet]:
    """The open wallets behind many keys of `payee_key` at once; the rules of `find_payee`."""
    wallets = Wallet.objects.select_related("owner").filter(closed_at=None, owner__is_active=True)
    numbers = [key for key in keys if is_wallet_number(key)]
    phones = [key for key in keys if not is_wallet_number(key)]
    found = {wallet.number: wallet for wallet in wallets.filter(number__in=numbers)}
    personal = wallets.filter(owner__phone__in=phones, kind=Wallet.Kind.PERSONAL)
    return found | {str(wallet.owner.phone): wallet for wallet in personal}


def is_mobile(text: str) -> bool:
    """Whether this is a mobile number, whoever has it."""
    key = payee_key(text)
    return bool(key) and not is_wallet_number(key)


def _find_by_key(key: str) -> Wallet | None:
    wallets = Wallet.objects.select_related("owner").filter(closed_at=None, owner__is_active=True)
    if is_wallet_number(key):
        return wallets.filter(number=key).first()
    user = find_user_by_phone(key) if key else None
    return wallets.filter(owner=user, kind=Wallet.Kind.PERSONAL).first() if user else None


def wallet_label(wallet: Wallet) -> str:
    """How others see the wallet: the merchant's name, the masked name of a person, or, where no
    name is known, the masked number."""
    if wallet.kind == Wallet.Kind.MERCHANT and wallet.name:
        return wallet.name
    return masked_name(wallet.owner) or wallet.masked_number


def wallet_labels(wallets: Collection[Wallet]) -> dict[int, str]:
    """`wallet_label` of many at once, by the wallet's pk."""
    names = masked_names([wallet.owner_id for wallet in wallets])
    return {
        wallet.pk: wallet.name
        if wallet.kind == Wallet.Kind.MERCHANT and wallet.name
        else names.get(wallet.owner_id, "") or wallet.masked_number
        for wallet in wallets
    }


def wallet_balance(wallet: Wallet) -> Balance:
    """The wallet's money now, from the books."""
    return get_balance(wallet.ledger_account_id)


def own_limits(wallet: Wallet) -> OwnLimits | None:
    """What the owner set for themselves, the newest; None when they never did."""
    return OwnLimits.objects.filter(wallet=wallet).order_by("-pk").first()


def limit_state(wallet: Wallet) -> LimitState:
    """What the rules of the class, of the owner and of a time of caution leave to the wallet
    today and this year."""
    rules, granted = bank_rules(wallet)
    rules, own = _narrow(rules, wallet)
    cautions = list_cautions(wallet.owner)
    today = bank_day()
    begun = bank_day(min(each.begins_at for each in cautions)) if cautions else None
    used = _usage(wallet, today, begun)
    day_row = used.get((LimitUsage.Period.DAY, today))
    year_row = used.get((LimitUsage.Period.YEAR, today.replace(month=1, day=1)))
    day_used = day_row.used_minor if day_row else 0
    year_used = year_row.used_minor if year_row else 0
    state = LimitState(
        wallet_class=wallet.wallet_class,
        granted=granted,
        own=own,
        lowered=None,
        single=rules["single"],
        day=rules["day"],
        day_used=day_used,
        day_left=_left(rules["day"], day_used),
        day_clears_at=bank_midnight(date.fromordinal(today.toordinal() + 1)),
        day_count=rules["day_count"],
        day_count_used=day_row.payment_count if day_row else 0,
        year=rules["year"],
        year_used=year_used,
        year_left=_left(rules["year"], year_used),
        year_clears_at=bank_midnight(date(today.year + 1, 1, 1)),
        balance_cap=rules["balance_cap"],
    )
    if not cautions:
        return state
    spent = sum(
        row.used_minor
        for (period, _day), row in used.items()
        if period == LimitUsage.Period.CAUTION
    )
    return _lower(state, cautions[0], spent)


def _usage(
    wallet: Wallet, today: date, cautious_from: date | None
) -> dict[tuple[str, date], LimitUsage]:
    wanted = Q(starts_on__in=[today, today.replace(month=1, day=1)])
    if cautious_from is not None:
        wanted |= Q(period=LimitUsage.Period.CAUTION, starts_on__gte=cautious_from)
    rows = LimitUsage.objects.filter(wanted, wallet=wallet)
    return {
        (row.period, row.starts_on): row
        for row in rows
        if cautious_from is not None or row.period != LimitUsage.Period.CAUTION
    }


def _lower(state: LimitState, caution: Caution, spent_minor: int) -> LimitState:
    """The state in a time of caution: what left before it does not count against it, and what
    leaves during it counts until its end, midnight or not."""
    changed: dict[str, Any] = {}
    held = set()
    most = settings.CAUTION["single_minor"]
    if state.single is None or most < state.single:
        changed["single"] = most
        held.add("single")
    most = settings.CAUTION["day_minor"]
    left = max(most - spent_minor, 0)
    if state.day_left is None or left < state.day_left:
        changed |= {"day": most, "day_used": spent_minor, "day_left": left}
        changed["day_clears_at"] = caution.until
        held.add("day")
    lowered = Lowered(frozenset(held), caution.until, caution.reason)
    return replace(state, lowered=lowered, own=state.own - held, **changed)


def bank_rules(wallet: Wallet) -> tuple[Rules, Granted | None]:
    """What the bank allows this wallet: the rules of its class, or what was granted instead."""
    rules: Rules = dict(settings.LIMITS[wallet.wallet_class])
    now = timezone.now()
    if wallet.overridden_until is None or wallet.overridden_until <= now:
        return rules, None
    newest = LimitOverride.objects.filter(wallet=wallet).order_by("-pk").first()
    if newest is None or newest.until <= now:
        return rules, None
    set_ones = {"single": newest.single_minor, "day": newest.day_minor}
    changed: Rules = {
        name: most
        for name, most in {**set_ones, "day_count": newest.day_count}.items()
        if most is not None
    }
    if not changed:
        return rules, None
    return rules | changed, Granted(frozenset(changed), newest.until, newest.reason)


def _narrow(rules: Rules, wallet: Wallet) -> tuple[Rules, frozenset[str]]:
    """The rules in force, and which of them the owner wished narrower than the bank."""
    own = own_limits(wallet)
    wishes = (
        {"single": own.single_minor, "day": own.day_minor, "day_count": own.day_count}
        if own
        else {}
    )
    narrower: Rules = {}
    for name, most in wishes.items():
        now = rules[name]
        if most is not None and (now is None or most < now):
            narrower[name] = most
    return rules | narrower, frozenset(narrower)


def _left(rule: int | None, used: int) -> int | None:
    return None if rule is None else max(rule - used, 0)
