"""Security events in the admin: to read, by those whose role says so, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.security.kinds import kind_title
from accounts.security.models import SecurityEvent

if TYPE_CHECKING:
    EventAdmin = admin.ModelAdmin[SecurityEvent]
else:
    EventAdmin = admin.ModelAdmin


@admin.register(SecurityEvent)
class SecurityEventAdmin(EventAdmin):
    """The log as it was written."""

    list_display = ("created_at", "title", "user", "actor", "address")
    list_filter = ("kind",)
    list_select_related = ("user", "actor")
    date_hierarchy = "created_at"

    @admin.display(description=_("what"))
    def title(self, event: SecurityEvent) -> str:
        """The kind in plain words."""
        return kind_title(event.kind)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only what happens writes here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rewrites what happened; the database would refuse as well."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor makes it unhappen."""
        return False
