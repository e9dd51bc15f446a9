"""Payments in the admin: what was asked, and every step it took. Nobody changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User
from payments.processing.models import Payment, PaymentStatusChange
from payments.wallets.amounts import amount_text
from payments.wallets.looking import WalletRecordAdmin, owners_of_payment

if TYPE_CHECKING:
    StepsInline = admin.TabularInline[PaymentStatusChange, Payment]
else:
    StepsInline = admin.TabularInline


class StatusChangeInline(StepsInline):
    """From, to, who, when, why."""

    model = PaymentStatusChange
    fields = ("at", "from_state", "to_state", "by", "reason")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what happens writes here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rewrites what happened; the database would refuse as well."""
        return False


@admin.register(Payment)
class PaymentAdmin(WalletRecordAdmin):
    """Found by its reference; both sides appear as masked wallets."""

    list_display = (
        "spaced_reference",
        "kind",
        "state",
        "amount",
        "payer_wallet",
        "payee_wallet",
        "created_at",
        "succeeded_at",
    )
    list_filter = ("state", "kind", "created_at")
    search_fields = ("=reference", "=payer_wallet__number", "=payee_wallet__number")
    list_select_related = ("payer_wallet", "payee_wallet")
    inlines = (StatusChangeInline,)
    fields = (
        "public_id",
        "reference",
        "kind",
        "state",
        "amount",
        "payer_wallet",
        "payee_wallet",
        "counterparty_label",
        "payer_label",
        "is_first_to_payee",
        "is_proved",
        "created_by",
        "created_at",
        "expires_at",
        "confirmed_at",
        "succeeded_at",
        "failure_code",
        "journal_key",
    )
    readonly_fields = fields

    def customers_of(self, row: Payment) -> Sequence[User]:
        """Both sides."""
        return owners_of_payment(row)

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, payment: Payment) -> str:
        """The amount with its sign."""
        return amount_text(payment.amount_minor, payment.currency)

    @admin.display(description=_("key in the journal"))
    def journal_key(self, payment: Payment) -> str:
        """Under which the books hold its entry."""
        return f"payment:{payment.public_id}"
