"""What becomes of a bank order: the one table of its states."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrderState(models.TextChoices):
    """Where a bank order stands."""

    DUE = "due", pgettext_lazy("bank order", "waiting to be sent")
    SENT = "sent", pgettext_lazy("bank order", "sent, no final answer yet")
    SETTLED = "settled", pgettext_lazy("bank order", "settled")
    REFUSED = "refused", pgettext_lazy("bank order", "refused by the bank")
    RETURNED = "returned", pgettext_lazy("bank order", "paid, then sent back by the bank")


class OrderKind(models.TextChoices):
    """Which way the money goes between the card and us."""

    COLLECT = "collect", _("collect from the card")
    GIVE_BACK = "give_back", _("give back to the card")
    PAY_OUT = "pay_out", _("pay out to the card")


class Problem(models.TextChoices):
    """What was wrong with the bank's last answer."""

    NO_ANSWER = "no_answer", _("no answer")
    NOT_UNDERSTOOD = "not_understood", _("an answer that nobody understands")
    WRONG_AMOUNT = "wrong_amount", _("an answer about another amount")
    OTHER_ORDER = "other_order", _("an answer about another order")
    NOT_FINAL = "not_final", _("the bank knows the reference already")
    UNEXPECTED = "unexpected", _("an answer that cannot be for this order")


# A submission that nobody answered is SENT as well: we ask about it, and send it again under the
# same reference only when the bank says it never arrived. Money that was paid out may come back;
# every other change of the bank's mind is a case for staff and changes nothing by itself.
TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.DUE: frozenset({OrderState.SENT, OrderState.SETTLED, OrderState.REFUSED}),
    OrderState.SENT: frozenset({OrderState.SENT, OrderState.SETTLED, OrderState.REFUSED}),
    OrderState.SETTLED: frozenset({OrderState.RETURNED}),
    OrderState.REFUSED: frozenset(),
    OrderState.RETURNED: frozenset(),
}

# The bank has carried it out, whatever came back later.
PAID_STATES = (OrderState.SETTLED, OrderState.RETURNED)
OPEN_STATES = (OrderState.DUE, OrderState.SENT)
