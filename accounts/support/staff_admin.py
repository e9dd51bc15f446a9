"""Members of staff and their roles, in the admin. Every change of a right is an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.security.services import record_event
from accounts.security.sessions import signed_in_user
from accounts.users.models import User
from accounts.users.numbers import masked_phone

if TYPE_CHECKING:
    StaffAdmin = admin.ModelAdmin[User]
else:
    StaffAdmin = admin.ModelAdmin


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

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody changes their own roles, not even an administrator."""
        is_own = obj is not None and obj.pk == request.user.pk
        return not is_own and super().has_change_permission(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """With an event for what became different: who may do what is never changed unseen."""
        staff = form.instance
        before = set(User.objects.get(pk=staff.pk).groups.values_list("name", flat=True))
        super().save_related(request, form, formsets, change)
        after = set(staff.groups.values_list("name", flat=True))
        for kind, names in (("given", after - before), ("taken", before - after)):
            for name in sorted(names):
                record_event(
                    user=staff,
                    actor=signed_in_user(request),
                    kind=f"staff.role_{kind}",
                    details={"role": name},
                )
        if "is_active" in form.changed_data:
            kind = "staff.enabled" if staff.is_active else "staff.disabled"
            record_event(user=staff, actor=signed_in_user(request), kind=kind)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Staff come in by `manage.py add_staff`, which asks for a password nobody else sees."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a person did stays theirs: staff who leave are made inactive."""
        return False
