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


class OrderKind(models.TextChoices):
    """Which way the money goes between the card and us."""

    COLLECT = "collect", _("collect from the card")
    GIVE_BACK = "give_back", _("give back to the card")
    PAY_OUT = "pay_out", _("pay out to the card")


# A submission that nobody answered is SENT as well: we ask about it, and send it again under the
# same reference only when the bank says it never arrived.
TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.DUE: frozenset({OrderState.SENT, OrderState.SETTLED, OrderState.REFUSED}),
    OrderState.SENT: frozenset({OrderState.SENT, OrderState.SETTLED, OrderState.REFUSED}),
    OrderState.SETTLED: frozenset(),
    OrderState.REFUSED: frozenset(),
}

OPEN_STATES = tuple(state for state, following in TRANSITIONS.items() if following)
