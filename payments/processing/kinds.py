"""What sorts of payment there are, and how each books, reads and links.

A room registers its kinds in its own `kinds.py`, which `payments/apps.py` imports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from ledger.values import Posting
from payments.processing.models import Payment

# One line of the check page: {"label", "value", "is_number", "change_url", "change_label"}.
Fact = dict[str, Any]
Text = str | Promise


def _no_text(payment: Payment) -> str:
    return ""


def _nothing(payment: Payment) -> dict[str, Any]:
    return {}


def _always(payment: Payment) -> bool:
    return True


def _never(payment: Payment) -> bool:
    return False


@dataclass(frozen=True)
class PaymentKind:
    """One sort of payment.

    postings: the event in the language of the books.
    begin: for kinds that something outside settles (a bank, a clock): runs in the money
        transaction instead of the booking; the payment then waits in `processing` for
        `settle_payment`, `fail_payment` or `stop_payment`.
    waits: which payments of the kind do so; all, unless it says otherwise.
    may_stop: whether the payer may still stop a payment on its way.
    waits_for_people: what it waits for is a person who has hours, not an answer that is late.
    pending_template: what the result page shows meanwhile; pending: what else that needs.
    pending_text: what an unknown result means for the money.
    ask: asks who decides, now; for the button of that page. Called outside every transaction.
    caution: what the payer should think of before confirming ("" for nothing).
    remark: what the owner should know besides the state ("" for nothing).
    facts: the lines of the check page. change_url: where the payer changes what they typed.
    """

    code: str
    title: Text
    check_title: Text
    amount_label: Text
    confirm_label: Text
    done_title: Text
    postings: Callable[[Payment], Sequence[Posting]]
    facts: Callable[[Payment], Sequence[Fact]]
    change_url: Callable[[Payment], str] = _no_text
    begin: Callable[[Payment], None] | None = None
    waits: Callable[[Payment], bool] = _always
    may_stop: Callable[[Payment], bool] = _never
    waits_for_people: bool = False
    pending_template: str = "payments/processing/pending.html"
    pending: Callable[[Payment], dict[str, Any]] = _nothing
    pending_text: Text = ""
    ask: Callable[[Payment], None] | None = None
    caution: Callable[[Payment], str] = _no_text
    remark: Callable[[Payment], str] = _no_text
    # Filled with the payment's `counterparty_label`: "to %(name)s".
    done_lede: Text = ""
    failed_title: Text = ""
    icon: str = "send"


_KINDS: dict[str, PaymentKind] = {}


def register(kind: PaymentKind) -> None:
    """Make a kind known; once per code."""
    if kind.code in _KINDS:
        raise ValueError(f"payment kind {kind.code!r} is registered twice")
    _KINDS[kind.code] = kind


def get_kind(code: str) -> PaymentKind:
    """The kind with this code. Raises KeyError: a payment of an unknown kind is a bug."""
    return _KINDS[code]


def list_kinds() -> list[PaymentKind]:
    """All kinds, in the order of their registration."""
    return list(_KINDS.values())
