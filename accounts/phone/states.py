"""Who asks for a code, and the states of its message on the way to a phone."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Asker(StrEnum):
    """Who asks for a code to a number. Each has counts of their own, so that no stranger who knows
    the number keeps its owner from codes; one alone sees the numbers of the table."""

    OWN = "own"
    STRANGER = "stranger"
    # Support, while the owner calls; strangers keep nobody from being helped, either.
    DESK = "desk"


class SmsState(TextChoices):
    """due -> handed -> delivered | failed; due -> failed; due -> expired; due -> unsure.

    Whatever we believed before, a phone that has the message has it: all but "delivered" itself
    go to "delivered" when the provider says so. Nothing leaves "delivered".
    """

    DUE = "due", _("waiting to be sent")
    HANDED = "handed", _("handed to the provider")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("not sent in time")
    UNSURE = "unsure", _("perhaps sent; no answer")


_KNOWN_LATER = frozenset({SmsState.HANDED, SmsState.DELIVERED, SmsState.FAILED})
TRANSITIONS: dict[SmsState, frozenset[SmsState]] = {
    SmsState.DUE: _KNOWN_LATER | {SmsState.EXPIRED, SmsState.UNSURE},
    SmsState.HANDED: frozenset({SmsState.DELIVERED, SmsState.FAILED}),
    SmsState.UNSURE: _KNOWN_LATER,
    SmsState.DELIVERED: frozenset(),
    SmsState.FAILED: frozenset({SmsState.DELIVERED}),
    SmsState.EXPIRED: frozenset({SmsState.DELIVERED}),
}


class SmsOutcome(TextChoices):
    """What came of handing a message to one provider once."""

    ACCEPTED = "accepted", _("taken by the provider")
    REFUSED = "refused", _("refused for this message")
    UNAVAILABLE = "unavailable", _("not taken: the provider cannot send now")
    UNSURE = "unsure", _("no answer: perhaps sent")
