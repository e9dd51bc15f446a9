"""The purse of a person or a merchant, and how much of its limits is used up."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.wallets.numbers import mask_wallet_number


class Wallet(models.Model):
    """A purse. Its money is in the books, on the ledger account; here is whose it is and what
    it may do. The class says how sure we are of the owner and thereby its limits."""

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("Personal")
        MERCHANT = "merchant", _("Merchant")

    class WalletClass(models.TextChoices):
        I = "I", _("Class I")  # noqa: E741 (the name the classes have everywhere)
        II = "II", _("Class II")
        III = "III", _("Class III")
        IV = "IV", _("Class IV")

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("wallet number"), max_length=16, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="wallets",
        verbose_name=_("owner"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PERSONAL)
    wallet_class = models.CharField(_("class"), max_length=3, choices=WalletClass)
    name = models.CharField(_("name"), max_length=60, blank=True, default="")
    ledger_account = models.OneToOneField(
        "ledger.LedgerAccount",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("ledger account"),
    )
    currency = models.CharField(_("currency"), max_length=3)
    is_frozen = models.BooleanField(_("frozen"), default=False)
    # Until then a `LimitOverride` may hold; a payment of everybody else need not look for one.
    overridden_until = models.DateTimeField(_("other limits until"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(kind="personal"),
                name="payments_wallet_one_personal_per_person",
            ),
            models.CheckConstraint(
                condition=Q(wallet_class__in=["I", "II", "III", "IV"]),
                name="payments_wallet_class_known",
            ),
        ]

    def __str__(self) -> str:
        return mask_wallet_number(self.number)

    @property
    def masked_number(self) -> str:
        """`6210 **** **** 6027`."""
        return mask_wallet_number(self.number)

    @property
    def is_closed(self) -> bool:
        """Ended for good: takes part in nothing new."""
        return self.closed_at is not None


class Freeze(models.Model):
    """A time in which no money leaves a wallet, as its owner or as the bank wanted it.

    Both may hold at once, and each side ends its own. Rows stay; `Wallet.is_frozen` says whether
    one is open, written under the lock of the wallet's row.
    """

    class Side(models.TextChoices):
        OWNER = "owner", _("The owner")
        BANK = "bank", _("The bank")

    class How(models.TextChoices):
        SIGNED_IN = "signed_in", pgettext_lazy("how it was frozen", "signed in")
        CODE = "code", _("with the freeze code")
        NOT_ME = "not_me", _("after a change that was not theirs")
        STAFF = "staff", _("by staff")

    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="freezes", verbose_name=_("wallet")
    )
    side = models.CharField(_("whose wish"), max_length=5, choices=Side)
    how = models.CharField(_("how"), max_length=10, choices=How)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    began_at = models.DateTimeField(_("from"), default=timezone.now, editable=False)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )

    class Meta:
        verbose_name = _("freeze")
        verbose_name_plural = _("freezes")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["wallet", "side"],
                condition=Q(lifted_at=None),
                name="payments_freeze_one_open_a_side",
            ),
        ]

    def __str__(self) -> str:
        return f"freeze {self.pk}"


class LimitUsage(models.Model):
    """What a wallet has paid out in one day or one year, in the zone of the bank.

    Written in the transaction that moves the money, under the lock of the wallet's row.
    """

    class Period(models.TextChoices):
        DAY = "day", _("Day")
        YEAR = "year", _("Year")
        # What was paid out on that day while a time of caution held.
        CAUTION = "care", _("Day of caution")

    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="limit_usage", verbose_name=_("wallet")
    )
    period = models.CharField(_("period"), max_length=4, choices=Period)
    starts_on = models.DateField(_("first day"))
    used_minor = models.BigIntegerField(_("used"), default=0)
    payment_count = models.PositiveIntegerField(_("payments"), default=0)

    class Meta:
        verbose_name = _("use of a limit")
        verbose_name_plural = _("use of limits")
        constraints = [
            models.UniqueConstraint(
                fields=["wallet", "period", "starts_on"], name="payments_limit_usage_once"
            ),
            models.CheckConstraint(
                condition=Q(used_minor__gte=0), name="payments_limit_usage_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.starts_on}"


class OwnLimits(models.Model):
    """The limits an owner set for their own wallet; the newest row holds, None sets none.

    Append-only, so that the rows are their own history. They only ever narrow those of the class.
    """

    wallet = models.ForeignKey(
        Wallet,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="own_limits",
        verbose_name=_("wallet"),
    )
    single_minor = models.BigIntegerField(_("one payment"), null=True, blank=True)
    day_minor = models.BigIntegerField(_("per day"), null=True, blank=True)
    day_count = models.PositiveIntegerField(_("payments per day"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("set by"),
    )
    set_at = models.DateTimeField(_("set at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("own limits")
        verbose_name_plural = _("own limits")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["wallet", "-id"], name="payments_own_limits_newest")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(single_minor=None) | Q(single_minor__gt=0))
                & (Q(day_minor=None) | Q(day_minor__gt=0))
                & (Q(day_count=None) | Q(day_count__gt=0)),
                name="payments_own_limits_positive",
            )
        ]

    def __str__(self) -> str:
        return f"{self.wallet_id} {self.set_at:%Y-%m-%d}"


class LimitOverride(models.Model):
    """Limits that the bank set for one wallet for a time in place of its class's, by two people.

    Append-only; the newest row holds until its end. None leaves that one to the class.
    """

    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="overrides", verbose_name=_("wallet")
    )
    single_minor = models.BigIntegerField(_("one payment"), null=True, blank=True)
    day_minor = models.BigIntegerField(_("per day"), null=True, blank=True)
    day_count = models.PositiveIntegerField(_("payments per day"), null=True, blank=True)
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
    )
    set_at = models.DateTimeField(_("set at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("limit override")
        verbose_name_plural = _("limit overrides")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=(Q(single_minor=None) | Q(single_minor__gt=0))
                & (Q(day_minor=None) | Q(day_minor__gt=0))
                & (Q(day_count=None) | Q(day_count__gt=0)),
                name="payments_limit_override_positive",
            ),
            models.CheckConstraint(
                condition=~Q(maker=models.F("checker")), name="payments_limit_override_by_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wallet_id} {self.until:%Y-%m-%d}"
