"""What a transfer is to the rest of the product."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.processing.errors import register_failure
from payments.processing.kinds import Fact, PaymentKind, register
from payments.processing.models import Payment
from payments.transfers import arrival
from payments.wallets.amounts import amount_text
from payments.wallets.numbers import spaced_number

TRANSFER = "transfer"


def _change_url(payment: Payment) -> str:
    return f"{reverse('transfers:compose')}?change={payment.public_id}"


def _facts(payment: Payment) -> list[Fact]:
    change = _change_url(payment)
    facts: list[Fact] = [
        {
            "label": gettext("Payee"),
            "value": payment.counterparty_label,
            "change_url": change,
        },
        {
            "label": gettext("Sent to"),
            "value": spaced_number(payment.payee_typed),
            "is_number": True,
        },
        {
            "label": gettext("Arrival"),
            "value": arrival.arrival_text(payment),
            "change_url": change,
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
            code=TRANSFER,
            title=_("Transfer"),
            check_title=_("Check the transfer"),
            amount_label=_("Transfer amount"),
            confirm_label=_("Confirm transfer %(amount)s"),
            done_title=_("Transferred"),
            done_lede=_("Paid to %(name)s"),
            postings=arrival.postings,
            facts=_facts,
            change_url=_change_url,
            begin=arrival.begin,
            waits=arrival.waits,
            may_stop=arrival.may_stop,
            pending_template="payments/transfers/on_its_way.html",
        )
    )
    register_failure(
        "payer.frozen",
        _(
            "Your wallet was frozen when this should have arrived, so it did not leave. The whole "
            "amount is back in your balance. Send it again once the wallet is open."
        ),
    )
