"""What opened a case, in words for staff."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.banking.cases.models import PaymentCase
from payments.banking.reasons import RETURN_REASONS
from payments.banking.states import Problem

_OUTCOMES: dict[str, str | Promise] = {
    "settled": _("the bank now says: carried out"),
    "refused": _("the bank now says: refused"),
    "returned": _("the bank now says: carried out, then sent back"),
}


def said_text(case: PaymentCase) -> str:
    """What the bank said that opened the case; "" when it said nothing."""
    if case.said in Problem.values:
        return str(Problem(case.said).label)
    return str(_OUTCOMES.get(case.said) or RETURN_REASONS.get(case.said) or case.said)
