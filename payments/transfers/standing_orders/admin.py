"""Standing orders in the admin: what was asked, and what became of each date. Read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from payments.transfers.standing_orders.models import StandingOrder, StandingRun
from payments.wallets.amounts import amount_text
from payments.wallets.looking import WalletRecordAdmin
from payments.wallets.models import Wallet

if TYPE_CHECKING:
    RunsInline = admin.TabularInline[StandingRun, StandingOrder]
else:
    RunsInline = admin.TabularInline


class StandingRunInline(RunsInline):
    """Which date, how it ended, and by which payment."""

    model = StandingRun
    fields = ("due_on", "due_at", "state", "reason", "tries", "next_try_at", "payment", "ended_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the clock writes here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened stays as it is."""
        return False


@admin.register(StandingOrder)
class StandingOrderAdmin(WalletRecordAdmin):
    """Both sides appear as masked wallets."""

    list_display = (
        "public_id",
        "state",
        "repeats",
        "amount",
        "payer_wallet",
        "payee_wallet",
        "next_due_at",
    )
    list_filter = ("state", "repeats")
    search_fields = ("=payer_wallet__number", "=payee_wallet__number")
    list_select_related = ("payer_wallet", "payee_wallet")
    inlines = (StandingRunInline,)
    exclude = ("input_digest", "compose_key", "payee_typed")

    def wallets_of(self, row: StandingOrder) -> list[Wallet | None]:
        """Both sides."""
        return [row.payer_wallet, row.payee_wallet]

    @admin.display(description=_("amount"))
    def amount(self, order: StandingOrder) -> str:
        """With its currency."""
        return amount_text(order.amount_minor, order.currency)
