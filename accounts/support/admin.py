"""What support did, for auditors to read."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.identity.selectors import masked_name
from accounts.support.models import SupportAction, SupportVisit
from accounts.users.admin import ReadOnlyAdmin


@admin.register(SupportVisit)
class SupportVisitAdmin(ReadOnlyAdmin):
    """Who looked at whom, and why."""

    list_display = ("created_at", "agent", "whom", "why", "reason")
    list_filter = ("why",)
    list_select_related = ("agent", "customer")
    date_hierarchy = "created_at"

    @admin.display(description=_("customer"))
    def whom(self, visit: SupportVisit) -> str:
        """The masked name, or the user's number inside."""
        return masked_name(visit.customer) or str(visit.customer)


@admin.register(SupportAction)
class SupportActionAdmin(ReadOnlyAdmin):
    """What they did there."""

    list_display = ("created_at", "action", "visit", "reason")
    list_filter = ("action",)
    list_select_related = ("visit",)
    date_hierarchy = "created_at"
