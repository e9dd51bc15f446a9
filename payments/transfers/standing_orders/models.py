"""Standing orders, each of their dates, and what the owner must be told."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.transfers.standing_orders.rhythm import Rhythm
from payments.transfers.standing_orders.states import OrderState, Repeats, RunState


class StandingOrder(models.Model):
    """A transfer on a date, or on many, authorised once with the payment password.

    `next_due_at` (UTC) is the date with the number `next_index`; None when none is left or the
    order does not run. `planned_at` is the clock of the last look, to notice one that went back.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    payer_wallet = models.ForeignKey(
        "payments.Wallet",
        on_delete=models.PROTECT,
        related_name="standing_orders_out",
        verbose_name=_("payer's wallet"),
    )
    payee_wallet = models.ForeignKey(
        "payments.Wallet",
        on_delete=models.PROTECT,
        related_name="standing_orders_in",
        verbose_name=_("payee's wallet"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("created by"),
    )
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    note = models.CharField(_("note"), max_length=40, blank=True, default="")
    counterparty_label = models.CharField(_("payee, as the owner sees them"), max_length=100)
    payer_label = models.CharField(_("payer, as the payee sees them"), max_length=100)
    payee_typed = models.CharField(_("how the payee was found"), max_length=32)
    is_first_to_payee = models.BooleanField(_("first to this payee"), default=False)
    is_proved = models.BooleanField(_("second proof given"), default=False, db_default=False)

    repeats = models.CharField(_("how often"), max_length=7, choices=Repeats)
    starts_on = models.DateField(_("first date"))
    at_time = models.TimeField(_("time of day"))
    zone = models.CharField(_("time zone"), max_length=64)
    ends_on = models.DateField(_("last date"), null=True, blank=True)
    times = models.PositiveIntegerField(_("number of times"), null=True, blank=True)

    state = models.CharField(_("state"), max_length=9, choices=OrderState, default=OrderState.DRAFT)
    next_index = models.PositiveIntegerField(default=0)
    next_due_at = models.DateTimeField(_("next"), null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    compose_key = models.UUIDField(_("key of the form"))
    input_digest = models.CharField(_("digest of the input"), max_length=64)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    authorised_at = models.DateTimeField(_("authorised at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("standing order")
        verbose_name_plural = _("standing orders")
        indexes = [
            models.Index(
                fields=["next_due_at"],
                condition=Q(state="active", next_due_at__isnull=False),
                name="payments_standing_due",
            ),
            models.Index(
                fields=["planned_at"],
                condition=Q(planned_at__isnull=False),
                name="payments_standing_planned",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["created_by", "compose_key"], name="payments_standing_form_used_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_standing_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OrderState.values), name="payments_standing_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(payer_wallet=F("payee_wallet")), name="payments_standing_two_sides"
            ),
        ]

    def __str__(self) -> str:
        return f"standing order {self.pk}"

    @property
    def rhythm(self) -> Rhythm:
        """Its dates."""
        return Rhythm(
            repeats=self.repeats,
            starts_on=self.starts_on,
            at_time=self.at_time,
            zone=self.zone,
            ends_on=self.ends_on,
            times=self.times,
        )

    @property
    def is_overdue(self) -> bool:
        """Not authorised in time."""
        return self.state == OrderState.DRAFT and self.expires_at <= timezone.now()

    @property
    def is_running(self) -> bool:
        """Whether it is in force, or could be again."""
        return self.state in (OrderState.ACTIVE, OrderState.PAUSED)


class StandingRun(models.Model):
    """One date of a standing order: the unique pair of order and date is what makes it happen
    once. Its payment has a key made of the same pair."""

    order = models.ForeignKey(
        StandingOrder,
        on_delete=models.PROTECT,
        related_name="runs",
        db_index=False,
        verbose_name=_("standing order"),
    )
    due_on = models.DateField(_("date"))
    due_at = models.DateTimeField(_("due at"))
    state = models.CharField(_("state"), max_length=7, choices=RunState, default=RunState.WAITING)
    payment = models.OneToOneField(
        "payments.Payment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment"),
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    # No further try at or after this moment.
    give_up_at = models.DateTimeField(_("given up at"))
    reason = models.CharField(_("why"), max_length=60, blank=True, default="")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("date of a standing order")
        verbose_name_plural = _("dates of standing orders")
        ordering = ["-due_on"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state="waiting"),
                name="payments_standing_run_waiting",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "due_on"], name="payments_standing_run_once_a_date"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="payments_standing_run_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.due_on}"
