"""Why a case is opened, how it may end, and what is written down on the way."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CaseKind(models.TextChoices):
    """Why staff have to look at a bank order."""

    UNKNOWN = "unknown", _("no final answer for too long")
    ODD_ANSWER = "odd_answer", _("an answer that does not fit the order")
    CONTRADICTION = "contradiction", _("the bank changed its final answer")
    PARKED = "parked", _("money that came back and fits nowhere")


# Where the books and the bank may already differ, or money waits for somebody.
MONEY_AT_RISK = frozenset({CaseKind.ODD_ANSWER, CaseKind.CONTRADICTION, CaseKind.PARKED})


class CaseState(models.TextChoices):
    """Where a case stands."""

    OPEN = "open", pgettext_lazy("case", "open")
    PROPOSED = "proposed", pgettext_lazy("case", "waiting for a second person")
    CLOSED = "closed", pgettext_lazy("case", "closed")


class CaseEnd(models.TextChoices):
    """How a case may end. All but NO_CHANGE move money, and take two people."""

    BANK_PAID = "bank_paid", _("the bank has carried the order out: book it")
    BANK_REFUSED = "bank_refused", _("the bank never moved the money: end the payment as failed")
    CREDIT_WALLET = "credit_wallet", _("credit the wallet with the amount")
    DEBIT_WALLET = "debit_wallet", _("take the amount from the wallet")
    PAID_BY_HAND = "paid_by_hand", _("the bank paid the parked money out by hand: book it")
    NO_CHANGE = "no_change", _("the books are right: change nothing")
    # By itself: the bank answered after all.
    ANSWERED = "answered", _("the bank answered after all")


class StepKind(models.TextChoices):
    """One thing that was done about a case."""

    OPENED = "opened", pgettext_lazy("step of a case", "opened")
    TAKEN = "taken", pgettext_lazy("step of a case", "taken")
    ASKED = "asked", pgettext_lazy("step of a case", "bank asked again")
    NOTED = "noted", pgettext_lazy("step of a case", "noted")
    PROPOSED = "proposed", pgettext_lazy("step of a case", "end proposed")
    DECLINED = "declined", pgettext_lazy("step of a case", "proposal declined")
    CLOSED = "closed", pgettext_lazy("step of a case", "closed")
