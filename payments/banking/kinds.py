"""Top-up and withdrawal as kinds of payment: how they book, and what their pages say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ledger.values import Posting
from payments.banking.bookings import ADJUSTMENT_KIND, RETURN_KIND
from payments.banking.books import clearing_account_id, payouts_account_id, returns_account_id
from payments.banking.cases.selectors import find_live_case
from payments.banking.models import BankReturn
from payments.banking.reasons import FAILURE_TEXTS
from payments.banking.remarks import (
    adjustment_remark,
    new_card_caution,
    return_remark,
    withdrawal_remark,
)
from payments.banking.services import ask_bank_now, top_ups, withdrawals
from payments.processing.errors import register_failure
from payments.processing.kinds import Fact, PaymentKind, register
from payments.processing.models import Payment
from payments.wallets.amounts import amount_text
from payments.wallets.selectors import wallet_balance


def top_up_postings(payment: Payment) -> list[Posting]:
    """The bank holds more for us, and we owe the wallet's owner as much."""
    if payment.payee_wallet is None:
        raise ValueError("a top-up has a wallet to go to")
    return [
        Posting(
            debit=clearing_account_id(payment.currency),
            credit=payment.payee_wallet.ledger_account_id,
            amount_minor=payment.amount_minor,
        )
    ]


def _change_url(payment: Payment) -> str:
    return reverse("banking:top_up")


def top_up_facts(payment: Payment) -> Sequence[Fact]:
    """The lines of the check page."""
    wallet = payment.payee_wallet
    assert wallet is not None
    balance_after = wallet_balance(wallet).posted_minor + payment.amount_minor
    return [
        {
            "label": _now("From card"),
            "value": payment.counterparty_label,
            "change_url": _change_url(payment),
        },
        {"label": _now("To wallet"), "value": wallet.masked_number, "is_number": True},
        {"label": _now("Fee"), "value": _now("Free")},
        {"label": _now("Arrives"), "value": _now("usually within a minute")},
        {
            "label": _now("Balance afterwards"),
            "value": amount_text(balance_after, payment.currency),
            "is_number": True,
        },
    ]


def withdrawal_postings(payment: Payment) -> list[Posting]:
    """The wallet's owner is owed less, the bank that paid is owed as much (see `books`)."""
    if payment.payer_wallet is None:
        raise ValueError("a withdrawal has a wallet to come from")
    return [
        Posting(
            debit=payment.payer_wallet.ledger_account_id,
            credit=payouts_account_id(payment.currency),
            amount_minor=payment.amount_minor,
        )
    ]


def withdrawal_facts(payment: Payment) -> Sequence[Fact]:
    """The lines of the check page."""
    wallet = payment.payer_wallet
    assert wallet is not None
    balance_after = wallet_balance(wallet).available_minor - payment.amount_minor
    return [
        {
            "label": _now("To card"),
            "value": payment.counterparty_label,
            "change_url": reverse("banking:withdraw"),
        },
        {"label": _now("From wallet"), "value": wallet.masked_number, "is_number": True},
        {"label": _now("Fee"), "value": _now("Free")},
        {
            "label": _now("Arrives"),
            "value": _now("within minutes, at most 1 working day"),
        },
        {
            "label": _now("Balance afterwards"),
            "value": amount_text(max(balance_after, 0), payment.currency),
            "is_number": True,
        },
    ]


def return_postings(payment: Payment) -> list[Posting]:
    """Money that came back: to the wallet, from the bank or from where it was parked."""
    assert payment.payee_wallet is not None
    back = BankReturn.objects.filter(payment=payment).first()
    is_parked = back is not None and back.is_parked
    source = returns_account_id if is_parked else clearing_account_id
    return [
        Posting(
            debit=source(payment.currency),
            credit=payment.payee_wallet.ledger_account_id,
            amount_minor=payment.amount_minor,
        )
    ]


def adjustment_postings(payment: Payment) -> list[Posting]:
    """What two members of staff set right after the bank changed its final answer."""
    clearing = clearing_account_id(payment.currency)
    if payment.payer_wallet is not None:
        debit, credit = payment.payer_wallet.ledger_account_id, clearing
    else:
        assert payment.payee_wallet is not None
        debit, credit = clearing, payment.payee_wallet.ledger_account_id
    return [Posting(debit=debit, credit=credit, amount_minor=payment.amount_minor)]


def pending_case(payment: Payment) -> dict[str, Any]:
    """For the page of an unknown result: whether staff are on it."""
    return {"case": find_live_case(payment.pk)}


def no_facts(payment: Payment) -> Sequence[Fact]:
    """Nobody checks what the bank or staff set in motion."""
    return ()


def register_kinds() -> None:
    """Called once, when Django has loaded the app."""
    register(
        PaymentKind(
            code=top_ups.KIND,
            title=_("Top-up"),
            check_title=_("Check the top-up"),
            amount_label=_("Amount"),
            confirm_label=_("Top up %(amount)s"),
            done_title=_("Topped up"),
            done_lede=_("From %(name)s"),
            failed_title=_("Not topped up"),
            postings=top_up_postings,
            facts=top_up_facts,
            change_url=_change_url,
            begin=top_ups.send_to_bank,
            pending=pending_case,
            ask=ask_bank_now,
            icon="bank",
        )
    )
    register(
        PaymentKind(
            code=withdrawals.KIND,
            title=_("Withdrawal"),
            check_title=_("Check the withdrawal"),
            amount_label=_("Amount"),
            confirm_label=_("Withdraw %(amount)s"),
            done_title=_("Withdrawn"),
            done_lede=_("To %(name)s"),
            failed_title=_("Not withdrawn"),
            postings=withdrawal_postings,
            facts=withdrawal_facts,
            change_url=lambda payment: reverse("banking:withdraw"),
            begin=withdrawals.send_out,
            pending=pending_case,
            pending_text=_(
                "We do not have the bank's final answer. The amount is held in your wallet and "
                "leaves it once at most; if the bank refuses, all of it is free again."
            ),
            ask=ask_bank_now,
            caution=new_card_caution,
            remark=withdrawal_remark,
            icon="bank",
        )
    )
    for code, title, postings, remark in (
        (RETURN_KIND, _("Returned by the bank"), return_postings, return_remark),
        (ADJUSTMENT_KIND, _("Adjustment"), adjustment_postings, adjustment_remark),
    ):
        register(
            PaymentKind(
                code=code,
                title=title,
                check_title=title,
                amount_label=_("Amount"),
                confirm_label="%(amount)s",
                done_title=title,
                postings=postings,
                facts=no_facts,
                remark=remark,
                icon="undo",
            )
        )
    for code, text in FAILURE_TEXTS.items():
        register_failure(code, text)
