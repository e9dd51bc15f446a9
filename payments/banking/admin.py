"""Cards and bank orders in the admin: staff look, nobody changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.security.looking import CustomerRecordMixin
from accounts.users.models import User
from ledger.admin import ReadOnlyAdmin
from payments.banking.models import BankOrder, BankReturn, LinkedCard, SandboxBankOrder
from payments.banking.states import OPEN_STATES, OrderKind, OrderState
from payments.wallets.looking import owners_of_payment

# Older than this without a final answer is a case for staff (design, flow 7).
OVERDUE_MINUTES = 30


class NeedsAttentionFilter(admin.SimpleListFilter):
    """Orders somebody has to look at."""

    title = _("needs attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("no answer for 30 minutes")),
            ("stuck", _("return refused by the bank")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "overdue":
            oldest = timezone.now() - timedelta(minutes=OVERDUE_MINUTES)
            return queryset.filter(state__in=OPEN_STATES, created_at__lt=oldest)
        if self.value() == "stuck":
            return queryset.filter(state=OrderState.REFUSED, kind=OrderKind.GIVE_BACK)
        return queryset


@admin.register(BankOrder)
class BankOrderAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    list_display = (
        "reference",
        "kind",
        "state",
        "amount_minor",
        "currency",
        "problem",
        "attempts",
        "created_at",
        "finished_at",
    )
    list_filter = (NeedsAttentionFilter, "state", "kind")
    search_fields = ("=reference", "=bank_reference", "=payment__reference")
    list_select_related = ("payment", "card")
    exclude = ("claimed_until",)

    def customers_of(self, order: BankOrder) -> Sequence[User]:
        """Of the payment behind it."""
        return owners_of_payment(order.payment)


@admin.register(BankReturn)
class BankReturnAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    list_display = ("order", "reason", "is_parked", "payment", "created_at")
    list_filter = ("is_parked",)
    list_select_related = ("order", "payment")

    def customers_of(self, back: BankReturn) -> Sequence[User]:
        """Of the payment that the order belonged to."""
        return owners_of_payment(back.order.payment)


@admin.register(LinkedCard)
class LinkedCardAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    list_display = ("label", "linked_at", "removed_at")
    fields = ("public_id", "bank_bin", "last4", "linked_at", "removed_at")
    search_fields = ("=last4",)

    def customers_of(self, card: LinkedCard) -> Sequence[User]:
        """Whose card it is."""
        return [card.owner]


@admin.register(SandboxBankOrder)
class SandboxBankOrderAdmin(ReadOnlyAdmin):
    list_display = ("reference", "direction", "amount_minor", "refusal", "decides_at")
