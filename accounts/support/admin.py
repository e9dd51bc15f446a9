"""What support did, for auditors to read."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.identity.selectors import masked_name
from accounts.security.looking import CustomerRecordMixin
from accounts.support.models import SupportAction, SupportVisit
from accounts.users.admin import ReadOnlyAdmin
from accounts.users.models import User


@admin.register(SupportVisit)
class SupportVisitAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    """Who looked at whom, and why."""

    list_display = ("created_at", "agent", "whom", "why", "reason")
    list_filter = ("why",)
    list_select_related = ("agent", "customer")
    date_hierarchy = "created_at"

    @admin.display(description=_("customer"))
    def whom(self, visit: SupportVisit) -> str:
        """The masked name, or the user's number inside."""
        return masked_name(visit.customer) or str(visit.customer)

    def customers_of(self, visit: SupportVisit) -> Sequence[User]:
        """Whom support visited."""
        return [visit.customer]


@admin.register(SupportAction)
class SupportActionAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    """What they did there."""

    list_display = ("created_at", "action", "visit", "reason")
    list_filter = ("action",)
    list_select_related = ("visit",)
    date_hierarchy = "created_at"

    def customers_of(self, action: SupportAction) -> Sequence[User]:
        """For whom it was done."""
        return [action.visit.customer]
