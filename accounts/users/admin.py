"""Staff users in the admin, and the class of everything that is only to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User
from accounts.users.numbers import masked_phone

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
    StaffAdmin = admin.ModelAdmin[User]
else:
    AnyAdmin = StaffAdmin = admin.ModelAdmin


class ReadOnlyAdmin(AnyAdmin):
    """Rows as they were written: no adding, changing or deleting, not even for a superuser."""

    actions = None
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only what happens writes here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rewrites what happened; for append-only tables the database refuses as well."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor makes it unhappen."""
        return False


@admin.register(User)
class StaffUserAdmin(StaffAdmin):
    """Members of staff: whether they may come in, and in which roles. Customers are not here:
    support opens a customer at the desk, with a reason."""

    actions = None
    list_display = ("masked", "roles", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "groups")
    ordering = ("pk",)
    fields = ("masked", "is_active", "groups", "last_login", "created_at")
    readonly_fields = ("masked", "last_login", "created_at")
    filter_horizontal = ("groups",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Staff only."""
        return super().get_queryset(request).filter(is_staff=True).prefetch_related("groups")

    @admin.display(description=_("phone number"))
    def masked(self, user: User) -> str:
        """The number without its middle."""
        return masked_phone(str(user.phone))

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        """The names of the groups."""
        return ", ".join(group.name for group in user.groups.all())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Staff come in by `manage.py add_staff`, which asks for a password nobody else sees."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a person did stays theirs: staff who leave are made inactive."""
        return False
