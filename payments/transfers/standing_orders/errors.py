"""How a standing order is refused, and why one of its dates did not happen."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class FirstDateRefused(Refusal):
    """The first date is over already, or too far away."""

    def __init__(self, *, code: str) -> None:
        message = (
            _("This moment is over. Choose a later date or time.")
            if code == "standing.past"
            else _("Choose a first date within the next two years.")
        )
        super().__init__(message, code=code, field="starts_on")


class EndRefused(Refusal):
    """The order would end before it begins."""

    def __init__(self) -> None:
        super().__init__(
            _("The last date is before the first. Choose a later one."),
            code="standing.end",
            field="ends_on",
        )


class TooManyOrders(Refusal):
    """As many as one person may have are in force."""

    def __init__(self, *, most: int) -> None:
        super().__init__(
            _("You have %(most)s planned transfers, the most there can be. Cancel one first."),
            code="standing.most",
            params={"most": most},
        )


class OrderFormUsedBefore(Refusal):
    """The key of this form belongs to an order with other details."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This form was already used for another planned transfer, which stands as it was. "
                "To make a second one, check what you typed and press the button again."
            ),
            code="standing.form_used",
        )


class OrderMayNot(Refusal):
    """The step is not in the table of states."""

    def __init__(self) -> None:
        super().__init__(
            _("This planned transfer can no longer be changed. Look at how it stands."),
            code="standing.state",
        )


# Why a date did not happen: code -> what the owner reads. Codes of refusals, of failed payments
# and of our own.
RUN_FAILURES: dict[str, str | Promise] = {
    "balance.short": _("There was not enough balance. Nothing was charged."),
    "limit.single": _("It was over your limit for one payment. Nothing was charged."),
    "limit.day": _("Your limit for the day was used up. Nothing was charged."),
    "limit.day_count": _("You had made as many payments as one day allows. Nothing was charged."),
    "limit.year": _("Your limit for the year was used up. Nothing was charged."),
    "wallet.frozen": _("Your wallet was frozen. Nothing was charged."),
    "wallet.closed": _("Your wallet was closed. Nothing was charged."),
    "payee.closed": _("The payee's wallet is closed. Nothing was charged."),
    "limit.balance": _("The payee could not receive this amount. Nothing was charged."),
    "payer.frozen": _("Your wallet was frozen when it should have arrived; the money is back."),
    "standing.missed": _(
        "Our systems were down when it was due, and it is too late now. Nothing was charged."
    ),
    "standing.stopped": _("You cancelled the payment. Nothing was charged."),
}


def run_failure(code: str) -> str:
    """What happened to a date, in the active language."""
    unknown = _("It did not go through. Nothing was charged.")
    return str(RUN_FAILURES.get(code, unknown))
