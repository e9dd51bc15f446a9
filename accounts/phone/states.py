"""The states of a message on its way to a phone."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SmsState(TextChoices):
    """due -> handed -> delivered | failed; due -> failed; due -> expired."""

    DUE = "due", _("waiting to be sent")
    HANDED = "handed", _("handed to the provider")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("not sent in time")


TRANSITIONS: dict[SmsState, frozenset[SmsState]] = {
    SmsState.DUE: frozenset(
        {SmsState.HANDED, SmsState.DELIVERED, SmsState.FAILED, SmsState.EXPIRED}
    ),
    SmsState.HANDED: frozenset({SmsState.DELIVERED, SmsState.FAILED}),
    SmsState.DELIVERED: frozenset(),
    SmsState.FAILED: frozenset(),
    SmsState.EXPIRED: frozenset(),
}
