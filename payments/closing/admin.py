"""Closings in the admin: staff read how far they are; only the owner begins or takes back."""

from __future__ import annotations

from django.contrib import admin

from payments.closing.models import WalletClosing
from payments.wallets.looking import WalletRecordAdmin


@admin.register(WalletClosing)
class WalletClosingAdmin(WalletRecordAdmin):
    """Which wallet, since when, and how it ended."""

    list_display = (
        "wallet",
        "asked_at",
        "closes_at",
        "stopped_at",
        "taken_back_at",
        "closed_at",
    )
    list_select_related = ("wallet",)
    ordering = ("-pk",)
    fields = ("public_id", "wallet", *list_display[1:])
    readonly_fields = fields
