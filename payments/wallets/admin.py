"""Wallets in the admin: staff look; classes, freezes and money change through services only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from payments.wallets.amounts import amount_text
from payments.wallets.looking import WalletRecordAdmin
from payments.wallets.models import LimitOverride, LimitUsage, OwnLimits, Wallet
from payments.wallets.selectors import wallet_balance, wallet_label


@admin.register(Wallet)
class WalletAdmin(WalletRecordAdmin):
    """Found by the exact number only; the number is masked and so is the owner's name."""

    list_display = (
        "masked",
        "label",
        "kind",
        "wallet_class",
        "is_frozen",
        "opened_at",
        "closed_at",
    )
    list_filter = ("kind", "wallet_class", "is_frozen")
    search_fields = ("=number",)
    list_select_related = ("owner",)
    fields = (
        "public_id",
        "masked",
        "label",
        "kind",
        "wallet_class",
        "currency",
        "available",
        "is_frozen",
        "opened_at",
        "closed_at",
        "ledger_account",
    )
    readonly_fields = fields

    def wallets_of(self, row: Wallet) -> list[Wallet]:
        """The row itself."""
        return [row]

    @admin.display(description=_("wallet number"))
    def masked(self, wallet: Wallet) -> str:
        """The number without its middle."""
        return wallet.masked_number

    @admin.display(description=_("owner"))
    def label(self, wallet: Wallet) -> str:
        """What other customers see."""
        return wallet_label(wallet)

    @admin.display(description=_("available"))
    def available(self, wallet: Wallet) -> str:
        """From the books, now."""
        return amount_text(wallet_balance(wallet).available_minor, wallet.currency)


@admin.register(LimitUsage)
class LimitUsageAdmin(WalletRecordAdmin):
    """How much of its limits a wallet has used."""

    list_display = ("wallet", "period", "starts_on", "used", "payment_count")
    list_filter = ("period", "starts_on")
    search_fields = ("=wallet__number",)
    list_select_related = ("wallet",)

    @admin.display(description=_("used"))
    def used(self, usage: LimitUsage) -> str:
        """The amount with its sign."""
        return amount_text(usage.used_minor, usage.wallet.currency)


@admin.register(OwnLimits)
class OwnLimitsAdmin(WalletRecordAdmin):
    """What owners set for themselves, newest first: the newest row of a wallet holds."""

    list_display = ("wallet", "single_minor", "day_minor", "day_count", "set_at")
    search_fields = ("=wallet__number",)
    list_select_related = ("wallet",)


@admin.register(LimitOverride)
class LimitOverrideAdmin(WalletRecordAdmin):
    """What two people granted to one wallet, newest first; proposed at /staff/limits/new/."""

    list_display = ("wallet", "single_minor", "day_minor", "day_count", "until", "reason")
    search_fields = ("=wallet__number",)
    list_select_related = ("wallet",)
