"""A payment as one line of somebody's records: who, which way, how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User
from payments.processing.kinds import get_kind
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.records.branches import wallet_ids_of
from payments.records.selectors import Totals, happened_at
from payments.wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the activity. `sign` is "in" or "out" where money moved, else "none"."""

    payment: Payment
    moment: datetime
    is_incoming: bool
    party: str
    title: str | Promise
    icon: str
    sign: str
    tag: str | Promise
    tag_css: str


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day, with the totals of the whole day."""

    day: date
    lines: list[Line]
    totals: Totals


_TAGS: dict[str, tuple[str | Promise, str]] = {
    PaymentState.PROCESSING: (_("on its way"), "tag--warn"),
    PaymentState.FAILED: (_("failed"), "tag--bad"),
    PaymentState.CANCELLED: (_("cancelled"), ""),
}


def to_lines(user: User, payments: Sequence[Payment]) -> list[Line]:
    """The payments as this person sees them."""
    mine = set(wallet_ids_of(user))
    return [to_line(payment, mine) for payment in payments]


def to_days(lines: Sequence[Line], totals: dict[date, Totals]) -> list[Day]:
    """Lines (newest first) in groups of local days."""
    groups = groupby(lines, key=lambda line: timezone.localdate(line.moment))
    return [Day(day, list(group), totals.get(day, Totals())) for day, group in groups]


def to_line(payment: Payment, mine: set[int]) -> Line:
    """One payment as the owner of these wallets sees it."""
    is_incoming = payment.payer_wallet_id not in mine
    kind = get_kind(payment.kind)
    tag, tag_css = _TAGS.get(payment.state, ("", ""))
    if payment.state == PaymentState.PROCESSING and payment.arrives_at is not None:
        tag = _("arrives %(when)s") % {"when": _short_moment(payment.arrives_at)}
    moved = payment.state == PaymentState.SUCCEEDED
    return Line(
        payment=payment,
        moment=happened_at(payment),
        is_incoming=is_incoming,
        party=_party(payment, mine),
        title=kind.title,
        icon=_icon(payment, mine),
        sign=("in" if is_incoming else "out") if moved else "none",
        tag=tag,
        tag_css=tag_css,
    )


def _short_moment(moment: datetime) -> str:
    """14:05 today; with the date on any other day."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return formats.date_format(local, "H:i")
    return f"{formats.date_format(local, 'm-d')} {formats.date_format(local, 'H:i')}"


def _icon(payment: Payment, mine: set[int]) -> str:
    """A shop for what was paid to one, an arrow for what came from somebody, else the kind's."""
    payee = payment.payee_wallet
    if payment.payer_wallet_id not in mine and payment.payer_wallet_id is not None:
        return "collect"
    if payee is not None and payee.kind == Wallet.Kind.MERCHANT:
        return "store"
    return get_kind(payment.kind).icon


def _party(payment: Payment, mine: set[int]) -> str:
    """The other side, masked when the payment was made; a payee sees the payer's label."""
    if payment.payer_wallet_id is not None and payment.payer_wallet_id not in mine:
        return payment.payer_label
    return payment.counterparty_label
