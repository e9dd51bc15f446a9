"""What a transfer to a number without a wallet is to the rest of the product."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.values import Posting
from payments.processing.errors import register_failure
from payments.processing.kinds import Fact, PaymentKind, register
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.transfers.unclaimed.books import unclaimed_account_id
from payments.transfers.unclaimed.services import UNCLAIMED, reserve
from payments.wallets.amounts import amount_text
from payments.wallets.numbers import spaced_number


def hours_to_claim() -> int:
    """How long the receiver has."""
    return int(settings.PAYMENTS["unclaimed"]["ttl_seconds"]) // 3600


def _postings(payment: Payment) -> list[Posting]:
    if payment.payer_wallet is None:
        raise ValueError("a transfer has a payer")
    return [
        Posting(
            debit=payment.payer_wallet.ledger_account_id,
            credit=unclaimed_account_id(payment.currency),
            amount_minor=payment.amount_minor,
        )
    ]


def _change_url(payment: Payment) -> str:
    return f"{reverse('unclaimed:compose')}?change={payment.public_id}"


def _facts(payment: Payment) -> list[Fact]:
    change = _change_url(payment)
    facts: list[Fact] = [
        {
            "label": gettext("Mobile number without a wallet"),
            "value": spaced_number(payment.payee_typed),
            "is_number": True,
            "change_url": change,
        },
        {
            "label": gettext("Arrival"),
            "value": gettext("When they have opened a wallet with this number and accept it"),
        },
        {
            "label": gettext("Otherwise"),
            "value": gettext(
                "All of it comes back after %(hours)s hours; until it is accepted you can take "
                "it back yourself"
            )
            % {"hours": hours_to_claim()},
        },
        {"label": gettext("Paid from"), "value": gettext("Wallet balance")},
        {"label": gettext("Fee"), "value": amount_text(0, payment.currency), "is_number": True},
    ]
    if payment.note:
        facts.append({"label": gettext("Note"), "value": payment.note, "change_url": change})
    return facts


def register_kinds() -> None:
    """Called once, when Django has loaded the app."""
    register(
        PaymentKind(
            code=UNCLAIMED,
            title=_("Transfer to a mobile number"),
            check_title=_("Check the transfer"),
            amount_label=_("Transfer amount"),
            confirm_label=_("Set aside %(amount)s for them"),
            done_title=_("Accepted"),
            done_lede=_("%(name)s has the money"),
            postings=_postings,
            facts=_facts,
            change_url=_change_url,
            begin=reserve,
            may_stop=lambda payment: payment.state == PaymentState.PROCESSING,
            waits_for_people=True,
            pending_template="payments/transfers/unclaimed/waiting.html",
        )
    )
    register_failure(
        "unclaimed.returned",
        _("Nobody accepted it in time, so it came back: the whole amount is in your balance."),
    )
    register_failure(
        "unclaimed.declined",
        _("The receiver did not accept it: the whole amount is back in your balance."),
    )
