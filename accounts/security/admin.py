"""Security events in the admin: to read, by those whose role says so, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.security.addresses import address_hint
from accounts.security.kinds import kind_title
from accounts.security.looking import CustomerRecordMixin
from accounts.security.models import SecurityEvent
from accounts.users.admin import ReadOnlyAdmin
from accounts.users.models import User


@admin.register(SecurityEvent)
class SecurityEventAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    """The log as it was written."""

    list_display = ("created_at", "title", "user", "actor", "network")
    list_filter = ("kind",)
    list_select_related = ("user", "actor")
    date_hierarchy = "created_at"

    @admin.display(description=_("what"))
    def title(self, event: SecurityEvent) -> str:
        """The kind in plain words."""
        return kind_title(event.kind)

    @admin.display(description=_("network"))
    def network(self, event: SecurityEvent) -> str:
        """Coarsely; the whole address stands in the row."""
        return address_hint(event.address)

    def customers_of(self, event: SecurityEvent) -> Sequence[User]:
        """Whose security it is about."""
        return [event.user] if event.user else []
