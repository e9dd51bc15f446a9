"""How a payment is refused, and why one fails."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class FormUsedBefore(Refusal):
    """The key of this form belongs to a payment with other details: that one stands."""

    def __init__(self, *, amount: str, payee: str) -> None:
        super().__init__(
            _(
                "This form was already used for %(amount)s to %(payee)s, and that payment stands "
                "as it was. To make another one, check what you typed and press the button again."
            ),
            code="payment.form_used",
            params={"amount": amount, "payee": payee},
        )


class NotEnoughMoney(Refusal):
    """Less is available than is due."""

    def __init__(self, *, due: str, available: str, short: str) -> None:
        super().__init__(
            _(
                "Not enough balance: %(due)s due, %(available)s available, %(short)s short. "
                "Nothing was charged. Send less, or top up first."
            ),
            code="balance.short",
            params={"due": due, "available": available, "short": short},
            field="amount",
        )


class PaymentMayNot(Refusal):
    """The step is not in the table of states; `state` is where the payment is."""

    def __init__(self, *, state: str) -> None:
        super().__init__(
            _("This payment can no longer be changed. Look at its result."),
            code="payment.state",
        )
        self.state = state


# Why a payment failed for good: code -> what the payer reads. Rooms add their own by
# `register_failure`. Params come from `Payment.failure_params`.
FAILURES: dict[str, str | Promise] = {
    "limit.balance": _(
        "The payee cannot receive this amount now. Nothing was charged. Ask the payee, or send "
        "less."
    ),
    "payee.closed": _("The payee's wallet is closed. Nothing was charged."),
}


def register_failure(code: str, message: str | Promise) -> None:
    """Give a failure code its sentence."""
    FAILURES[code] = message


def failure_message(code: str, params: Mapping[str, object]) -> str:
    """What happened, what it means for the money, what to do, in the active language."""
    template = FAILURES.get(code, _("The payment did not go through. Nothing was charged."))
    return str(template) % params if params else str(template)
