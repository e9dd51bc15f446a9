"""Linked cards, orders to the bank, and what the sandbox bank remembers."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.banking.banks import bank_label
from payments.banking.states import OPEN_STATES, OrderKind, OrderState, Problem


class CardFacts(models.Model):
    """What is kept of a card: its number only encrypted, a blind index to find it again, and
    what pages may show."""

    number_token = models.TextField(_("number, encrypted"))
    number_index = models.CharField(max_length=64)
    bank_bin = models.CharField(_("issuer digits"), max_length=6)
    last4 = models.CharField(_("last four digits"), max_length=4)

    class Meta:
        abstract = True

    @property
    def bank_name(self) -> str:
        """The issuer's name in the active language."""
        return bank_label(self.bank_bin)

    @property
    def label(self) -> str:
        """How pages call the card: "Riverside Bank (8812)"."""
        return str(_("%(bank)s (%(last4)s)")) % {
            "bank": self.bank_name,
            "last4": self.last4,
        }


class LinkedCard(CardFacts):
    """A bank card of the wallet's owner. Removed cards stay as rows: payments point at them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="linked_cards",
        verbose_name=_("owner"),
    )
    linked_at = models.DateTimeField(_("linked"), default=timezone.now)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("linked card")
        verbose_name_plural = _("linked cards")
        ordering = ("linked_at", "pk")
        constraints = (
            # One card, one person at a time: also when two link it in the same moment.
            models.UniqueConstraint(
                fields=["number_index"],
                condition=Q(removed_at=None),
                name="linked_card_one_holder",
            ),
        )

    def __str__(self) -> str:
        return f"card {self.last4}"


class CardDraft(CardFacts):
    """A card that waits for the code sent to its owner's phone. A row, not the session: parallel
    tabs would overwrite each other there."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="card_drafts"
    )
    challenge_id = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("card being linked")
        verbose_name_plural = _("cards being linked")

    def __str__(self) -> str:
        return f"card draft {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its code may still be typed: not used, not older than a form lives."""
        age = timezone.now() - self.created_at
        return self.used_at is None and age.total_seconds() < settings.PAYMENTS["form_ttl_seconds"]


class TopUp(models.Model):
    """From which card a top-up payment takes its money; written with the payment."""

    payment = models.OneToOneField(
        "payments.Payment",
        on_delete=models.PROTECT,
        related_name="top_up",
        verbose_name=_("payment"),
    )
    card = models.ForeignKey(
        LinkedCard,
        on_delete=models.PROTECT,
        related_name="top_ups",
        verbose_name=_("card"),
    )

    class Meta:
        verbose_name = _("top-up")
        verbose_name_plural = _("top-ups")

    def __str__(self) -> str:
        return f"top-up {self.pk}"


class Withdrawal(models.Model):
    """To which card a withdrawal pays its money; written with the payment."""

    payment = models.OneToOneField(
        "payments.Payment",
        on_delete=models.PROTECT,
        related_name="withdrawal",
        verbose_name=_("payment"),
    )
    card = models.ForeignKey(
        LinkedCard,
        on_delete=models.PROTECT,
        related_name="withdrawals",
        verbose_name=_("card"),
    )

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")

    def __str__(self) -> str:
        return f"withdrawal {self.pk}"


class BankOrder(models.Model):
    """One instruction to the bank: written with the payment, carried out afterwards.

    `reference` is what makes a repeated submission harmless: the bank carries out one order per
    reference. It has at most 35 characters, as ISO 20022 allows for an EndToEndId.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(_("reference at the bank"), max_length=35, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=OrderKind)
    payment = models.ForeignKey(
        "payments.Payment",
        on_delete=models.PROTECT,
        related_name="bank_orders",
        verbose_name=_("payment"),
    )
    card = models.ForeignKey(
        LinkedCard,
        on_delete=models.PROTECT,
        related_name="orders",
        verbose_name=_("card"),
    )
    amount_minor = models.BigIntegerField(_("amount, minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=8, choices=OrderState, default=OrderState.DUE)
    reason = models.CharField(_("the bank's reason"), max_length=40, blank=True, default="")
    bank_reference = models.CharField(
        _("the bank's reference"), max_length=40, blank=True, default=""
    )
    # What was wrong with the last answer; "" when it was understood.
    problem = models.CharField(
        _("problem with the answer"),
        max_length=20,
        choices=Problem,
        blank=True,
        default="",
        db_default="",
    )
    attempts = models.PositiveIntegerField(_("times asked"), default=0)
    # How often a finished order is still asked about, in case the bank changes its mind.
    looks_left = models.PositiveSmallIntegerField(_("looks left"), default=0, db_default=0)
    next_at = models.DateTimeField(_("ask next at"), default=timezone.now)
    claimed_until = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    sent_at = models.DateTimeField(_("first sent"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("bank order")
        verbose_name_plural = _("bank orders")
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["state", "next_at"], name="bank_order_due"),
            models.Index(
                fields=["bank_reference"],
                condition=~Q(bank_reference=""),
                name="bank_order_by_bank_reference",
            ),
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=OPEN_STATES) | Q(looks_left__gt=0),
                name="bank_order_to_ask",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="bank_order_amount_positive"
            ),
            models.UniqueConstraint(fields=["payment", "kind"], name="bank_order_one_per_kind"),
        )

    def __str__(self) -> str:
        return self.reference


class BankReturn(models.Model):
    """Money of an order that came back from the bank, once per order.

    `payment` is what the customer sees: the credit to the wallet. While it is empty, the money is
    parked in `bank:returns` and a case is open.
    """

    order = models.OneToOneField(
        BankOrder,
        on_delete=models.PROTECT,
        related_name="bank_return",
        verbose_name=_("bank order"),
    )
    reason = models.CharField(_("the bank's reason"), max_length=40, blank=True, default="")
    is_parked = models.BooleanField(_("parked"), default=False)
    payment = models.OneToOneField(
        "payments.Payment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bank_return",
        verbose_name=_("payment"),
    )
    created_at = models.DateTimeField(_("noticed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("return by the bank")
        verbose_name_plural = _("returns by the bank")

    def __str__(self) -> str:
        return f"return of order {self.order_id}"


class SandboxBankOrder(models.Model):
    """The sandbox bank's own memory; the wallet reads it only through the rail."""

    reference = models.CharField(_("reference"), max_length=35, unique=True)
    bank_reference = models.CharField(_("bank reference"), max_length=40)
    direction = models.CharField(_("direction"), max_length=10)
    card_last4 = models.CharField(_("card"), max_length=4)
    amount_minor = models.BigIntegerField(_("amount, minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    # "" settles; otherwise the reason why the bank will refuse.
    refusal = models.CharField(_("refused because"), max_length=100, blank=True, default="")
    times_submitted = models.PositiveIntegerField(_("times submitted"), default=1)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    decides_at = models.DateTimeField(_("decides at"))
    # Until then the bank gives no answer at all.
    silent_until = models.DateTimeField(null=True, blank=True)
    is_lost = models.BooleanField(_("lost on the way in"), default=False)
    # How it misbehaves (see docs/how-to/sandbox-bank.md); "" is a bank as one wishes it.
    trick = models.CharField(_("trick"), max_length=20, blank=True, default="", db_default="")
    returns_at = models.DateTimeField(_("sends back at"), null=True, blank=True)
    times_answered = models.PositiveIntegerField(_("final answers given"), default=0, db_default=0)

    class Meta:
        verbose_name = _("order at the sandbox bank")
        verbose_name_plural = _("orders at the sandbox bank")
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return self.reference
