"""The record of a payment and of every step it took."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.processing.references import new_reference, spaced
from payments.processing.states import TERMINAL, PaymentState

# When it settled, or else began; of two at one moment the later written one.
_NEWEST_FIRST = (Coalesce("succeeded_at", "created_at").desc(), F("id").desc())


class Payment(models.Model):
    """What a person asked for, and what became of it. Tells the truth for ever: never deleted.

    Amounts are minor units. Money moves in the books only (`ledger`), under the key
    `payment:<public_id>`; `state` is written by `services.move_payment` alone.
    """

    State = PaymentState

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(
        _("reference"), max_length=12, unique=True, default=new_reference, editable=False
    )
    kind = models.CharField(_("kind"), max_length=20)
    state = models.CharField(
        _("state"), max_length=10, choices=PaymentState, default=PaymentState.CREATED
    )
    payer_wallet = models.ForeignKey(
        "payments.Wallet",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="payments_out",
        verbose_name=_("payer's wallet"),
    )
    payee_wallet = models.ForeignKey(
        "payments.Wallet",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="payments_in",
        verbose_name=_("payee's wallet"),
    )
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    note = models.CharField(_("note"), max_length=100, blank=True, default="")
    # Fixed at creation, masked, so that lists look nothing up and old records keep their words.
    counterparty_label = models.CharField(
        _("other side, as its maker sees it"), max_length=100, blank=True, default=""
    )
    payer_label = models.CharField(
        _("payer, as the payee sees them"), max_length=100, blank=True, default=""
    )
    payee_typed = models.CharField(
        _("how the payee was found"), max_length=32, blank=True, default=""
    )
    is_first_to_payee = models.BooleanField(_("first to this payee"), default=False)
    # Itself, or with the plan or file it belongs to.
    is_proved = models.BooleanField(_("second proof given"), default=False, db_default=False)
    # Chosen while composing; the clock starts when the payer confirms.
    delay_seconds = models.PositiveIntegerField(
        _("arrives after, seconds"), default=0, db_default=0
    )
    arrives_at = models.DateTimeField(_("arrives at"), null=True, blank=True)
    # What is reserved of the payer's money while something outside decides.
    hold = models.OneToOneField(
        "ledger.Hold",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("hold"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("created by"),
    )
    compose_key = models.UUIDField(_("key of the form"))
    input_digest = models.CharField(_("digest of the input"), max_length=64)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("succeeded at"), null=True, blank=True)
    failure_code = models.CharField(_("failure"), max_length=60, blank=True, default="")
    failure_params = models.JSONField(_("details of the failure"), default=dict, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [
            models.Index(fields=["payer_wallet", "-id"], name="payments_pay_by_payer"),
            # A page of somebody's records is the first rows of one of these, however many follow.
            models.Index("payer_wallet", *_NEWEST_FIRST, name="payments_pay_out"),
            models.Index("payee_wallet", "state", *_NEWEST_FIRST, name="payments_pay_in"),
            models.Index("payer_wallet", "kind", *_NEWEST_FIRST, name="payments_pay_out_kind"),
            models.Index("payee_wallet", "kind", *_NEWEST_FIRST, name="payments_pay_in_kind"),
            models.Index(
                fields=["payer_wallet", "payee_wallet"],
                condition=Q(state="succeeded"),
                name="payments_pay_known_payees",
            ),
            models.Index(
                fields=["expires_at"], condition=Q(state="created"), name="payments_pay_unpaid"
            ),
            models.Index(
                fields=["confirmed_at"],
                condition=Q(state="processing"),
                name="payments_pay_on_their_way",
            ),
            models.Index(
                fields=["payer_wallet"],
                condition=Q(state="processing"),
                name="payments_pay_way_of_payer",
            ),
            models.Index(
                fields=["arrives_at"],
                condition=Q(state="processing", arrives_at__isnull=False),
                name="payments_pay_to_arrive",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["created_by", "compose_key"], name="payments_payment_form_used_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_payment_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PaymentState.values), name="payments_payment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(payer_wallet__isnull=True)
                | Q(payee_wallet__isnull=True)
                | ~Q(payer_wallet=F("payee_wallet")),
                name="payments_payment_two_sides",
            ),
        ]

    def __str__(self) -> str:
        return spaced(self.reference)

    @property
    def is_final(self) -> bool:
        """Nothing can become of it any more."""
        return self.state in TERMINAL

    @property
    def is_overdue(self) -> bool:
        """Not paid in time; the next look of the clock (or of a service) marks it expired."""
        return self.state == PaymentState.CREATED and self.expires_at <= timezone.now()

    @property
    def shown_state(self) -> str:
        """The state a page shows: an overdue payment reads as expired at once."""
        return PaymentState.EXPIRED if self.is_overdue else self.state

    @property
    def spaced_reference(self) -> str:
        """The reference in groups of four."""
        return spaced(self.reference)


class PaymentStatusChange(models.Model):
    """One step of a payment: from, to, who, when, why. Append-only."""

    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        related_name="status_changes",
        verbose_name=_("payment"),
    )
    from_state = models.CharField(_("from"), max_length=10, blank=True, choices=PaymentState)
    to_state = models.CharField(_("to"), max_length=10, choices=PaymentState)
    # None: the system itself (a clock, a bank's answer).
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("why"), max_length=200, blank=True, default="")
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("step of a payment")
        verbose_name_plural = _("steps of payments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_state or '-'} > {self.to_state}"


class PaymentTally(models.Model):
    """How many payments of a kind have reached a state, up to the step of `TallyMark`.

    Not a record: running totals of `PaymentStatusChange`, see `tally.py`.
    """

    kind = models.CharField(_("kind"), max_length=20)
    state = models.CharField(_("state"), max_length=10)
    code = models.CharField(_("failure"), max_length=60, blank=True, default="")
    payments = models.BigIntegerField(_("payments"), default=0)
    amount_minor = models.BigIntegerField(_("amount"), default=0)

    class Meta:
        verbose_name = _("running total of payments")
        verbose_name_plural = _("running totals of payments")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "state", "code"], name="payments_tally_one_per_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.code}".strip()


class TallyMark(models.Model):
    """Up to which step the running totals count; one row.

    `horizon_id` is the end of the next stretch, complete once no transaction is open that is
    older than `horizon_moment` (a number of PostgreSQL's transactions).
    """

    last_step_id = models.BigIntegerField(default=0)
    horizon_id = models.BigIntegerField(default=0)
    horizon_moment = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark of the running totals")
        verbose_name_plural = _("marks of the running totals")

    def __str__(self) -> str:
        return str(self.last_step_id)


class SearchWord(models.Model):
    """A word by which a wallet's owner finds a payment; see `words`. Rows are only added."""

    wallet = models.ForeignKey(
        "payments.Wallet",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("wallet"),
    )
    word = models.CharField(_("word"), max_length=12)
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("payment"),
    )

    class Meta:
        verbose_name = _("search word")
        verbose_name_plural = _("search words")
        constraints = [
            models.UniqueConstraint(
                fields=["wallet", "word", "payment"], name="payments_search_word_once"
            )
        ]

    def __str__(self) -> str:
        return self.word
