"""Security events in the admin: to read, by those whose role says so, and nothing else."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.security.kinds import kind_title
from accounts.security.models import SecurityEvent
from accounts.users.admin import ReadOnlyAdmin


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """The log as it was written."""

    list_display = ("created_at", "title", "user", "actor", "address")
    list_filter = ("kind",)
    list_select_related = ("user", "actor")
    date_hierarchy = "created_at"

    @admin.display(description=_("what"))
    def title(self, event: SecurityEvent) -> str:
        """The kind in plain words."""
        return kind_title(event.kind)
