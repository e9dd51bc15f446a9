"""What was done about cases, for auditors to read: who, what, when, and not a word of the texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.contrib import admin

from accounts.cases.models import CaseChange
from accounts.security.looking import CustomerRecordMixin
from accounts.users.admin import ReadOnlyAdmin
from accounts.users.models import User


@admin.register(CaseChange)
class CaseChangeAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    """The history of all cases."""

    list_display = ("at", "case", "kind", "party", "by", "state_before", "state_after")
    list_filter = ("kind", "party")
    list_select_related = ("case", "by")
    search_fields = ("=case__number",)
    date_hierarchy = "at"

    def customers_of(self, change: CaseChange) -> Sequence[User]:
        """Who opened the case, where that is known."""
        return [change.case.user] if change.case.user else []

    def customers_searched(self, text: str) -> Sequence[User]:
        """The number of a case lists one customer's, however it is quoted."""
        numbers = re.findall(r"C-[0-9A-Z]{4}-[0-9A-Z]{4}", text.upper())
        return list(User.objects.filter(support_cases__number__in=numbers))
