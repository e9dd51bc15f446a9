"""Members of staff and their roles, in the admin. Every change of a right is an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.reasons import ReasonField
from accounts.security.sessions import signed_in_user
from accounts.security.step_up import step_up_required
from accounts.support.forms import ReasonForm
from accounts.support.staff_roles import change_staff
from accounts.users.admin import ReadOnlyAdmin
from accounts.users.models import User
from accounts.users.numbers import masked_phone

if TYPE_CHECKING:
    StaffAdmin = admin.ModelAdmin[User]
    RoleChoice = forms.ModelMultipleChoiceField[Group]
else:
    StaffAdmin = admin.ModelAdmin
    RoleChoice = forms.ModelMultipleChoiceField


class StaffForm(ReasonForm):
    """Whether somebody may come in, in which roles, and why that is so."""

    is_active = forms.BooleanField(label=gettext_lazy("May sign in"), required=False)
    groups = RoleChoice(
        label=gettext_lazy("Roles"),
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = ReasonField(
        label=gettext_lazy("Reason"),
        min_length=5,
        max_length=200,
        help_text=gettext_lazy("In a few words. Your colleague can read this."),
    )
    field_order = ("is_active", "groups", "reason")


@admin.register(User)
class StaffUserAdmin(StaffAdmin):
    """Members of staff: whether they may come in, and in which roles. Customers are not here:
    support opens a customer at the desk, with a reason."""

    actions = None
    list_display = ("masked", "roles", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "groups")
    ordering = ("pk",)
    fields = ("masked", "is_active", "groups", "last_login", "created_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Staff only."""
        return super().get_queryset(request).filter(is_staff=True).prefetch_related("groups")

    @admin.display(description=gettext_lazy("phone number"))
    def masked(self, user: User) -> str:
        """The number without its middle."""
        return masked_phone(str(user.phone))

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, user: User) -> str:
        """The names of the groups."""
        return ", ".join(group.name for group in user.groups.all())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form for a colleague, after fresh proof; one's own row is only shown."""
        staff = self.get_object(request, unquote(object_id))
        if staff is None or not self.has_change_permission(request, staff):
            return super().change_view(request, object_id, form_url, extra_context)
        return step_up_required(self._form)(request, staff)

    def _form(self, request: HttpRequest, staff: User) -> HttpResponse:
        now = {"is_active": staff.is_active, "groups": staff.groups.all()}
        form = StaffForm(request.POST or None, initial=now)
        if request.method == "POST" and form.is_valid():
            try:
                return self._change(request, staff, form.cleaned_data)
            except Refusal as refusal:
                add_refusal(form, refusal)
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "staff": staff,
            "opts": self.opts,
            "phone": self.masked(staff),
            "title": _("Member of staff"),
        }
        status = 422 if form.errors else 200
        return render(request, "accounts/support/staff.html", context, status=status)

    def _change(self, request: HttpRequest, staff: User, asked: dict[str, Any]) -> HttpResponse:
        proposal = change_staff(
            staff=staff,
            roles=[group.name for group in asked["groups"]],
            is_active=asked["is_active"],
            by=signed_in_user(request),
            reason=asked["reason"],
        )
        if proposal is None:
            messages.success(request, _("Written down."))
            return redirect("admin:accounts_user_changelist")
        messages.success(
            request, _("Proposed. A second administrator decides what gives somebody rights.")
        )
        return redirect("admin:approvals:show", public_id=proposal.public_id)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody changes their own roles, not even an administrator."""
        is_own = obj is not None and obj.pk == request.user.pk
        return not is_own and super().has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Staff come in by `manage.py add_staff`, which asks for a password nobody else sees."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a person did stays theirs: staff who leave are made inactive."""
        return False


class RoleAdmin(ReadOnlyAdmin):
    """What each role may do, to read: `roles.py` says it, and `manage.py sync_roles` brings it
    here. A right added by hand would be gone at the next start, and seen by nobody until then."""

    list_display = ("name",)
    fields = ("name", "rights")
    readonly_fields = fields
    ordering = ("name",)

    @admin.display(description=gettext_lazy("Rights"))
    def rights(self, role: Group) -> str:
        """One a line."""
        return "\n".join(str(right) for right in role.permissions.select_related("content_type"))
