"""What a case can be about, where it stands, and who speaks in it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Topic(models.TextChoices):
    """The slugs of the help pages, where there is one."""

    NO_CODE = "no-code", _("A code does not arrive")
    WRONG_PAYMENT_PASSWORD = "wrong-payment-password", _("Wrong payment password")
    LOCKED = "locked", _("The account is locked")
    NO_NETWORK = "no-network", _("The connection broke while paying")
    PAYMENT = "payment", _("A payment, a transfer or a withdrawal")
    SUSPICIOUS = "suspicious-record", _("Something I did not do")
    LOST_PHONE = "lost-phone", _("Lost phone or changed number")
    OTHER = "other", _("Something else")


class CaseState(models.TextChoices):
    """Whose turn it is."""

    OPEN = "open", pgettext_lazy("case", "Waiting for our first answer")
    WAITING_FOR_CUSTOMER = "customer", pgettext_lazy("case", "Answered")
    WAITING_FOR_SUPPORT = "support", pgettext_lazy("case", "Waiting for our answer")
    CLOSED = "closed", pgettext_lazy("case", "Closed")


# The one table: whatever is not in it does not happen.
TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.WAITING_FOR_CUSTOMER, CaseState.CLOSED}),
    CaseState.WAITING_FOR_CUSTOMER: frozenset({CaseState.WAITING_FOR_SUPPORT, CaseState.CLOSED}),
    CaseState.WAITING_FOR_SUPPORT: frozenset({CaseState.WAITING_FOR_CUSTOMER, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset({CaseState.WAITING_FOR_SUPPORT}),
}
# The customer waits for us.
OUR_TURN = (CaseState.OPEN, CaseState.WAITING_FOR_SUPPORT)


class Party(models.TextChoices):
    """Who wrote a message."""

    CUSTOMER = "customer", _("You")
    STAFF = "staff", _("Support")
    SYSTEM = "system", _("Automatic")


class ChangeKind(models.TextChoices):
    """What was done about a case."""

    OPENED = "opened", pgettext_lazy("case", "Opened")
    TAKEN = "taken", pgettext_lazy("case", "Taken by a member of staff")
    CUSTOMER_WROTE = "wrote", pgettext_lazy("case", "The customer wrote")
    ANSWERED = "answered", pgettext_lazy("case", "Answered")
    NOTED = "noted", pgettext_lazy("case", "Internal note")
    CLOSED = "closed", pgettext_lazy("case", "Closed")
    REOPENED = "reopened", pgettext_lazy("case", "Opened again")
    FORGOTTEN = "forgotten", pgettext_lazy("case", "Texts and phone number deleted")
