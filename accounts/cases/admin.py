"""What was done about cases, for auditors to read: who, what, when, and not a word of the texts."""

from __future__ import annotations

from django.contrib import admin

from accounts.cases.models import CaseChange
from accounts.users.admin import ReadOnlyAdmin


@admin.register(CaseChange)
class CaseChangeAdmin(ReadOnlyAdmin):
    """The history of all cases."""

    list_display = ("at", "case", "kind", "party", "by", "state_before", "state_after")
    list_filter = ("kind", "party")
    list_select_related = ("case", "by")
    search_fields = ("=case__number",)
    date_hierarchy = "at"
