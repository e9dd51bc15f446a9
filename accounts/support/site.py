"""The admin site: the bank's name on it, and nobody on it without a second factor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.approvals.selectors import may_take_part
from accounts.security.redirects import safe_next
from accounts.signin.services import sign_out
from accounts.support.lookups import is_own_filter
from accounts.users.models import User


class WalletAdminSite(AdminSite):
    """Django's admin under the bank's name, entered through the customer's own door."""

    index_title = _("Staff pages")
    enable_nav_sidebar = True

    @property
    def site_header(self) -> str:  # type: ignore[override]
        """The bank's name in the reader's language."""
        name = "name_zh" if (get_language() or "").startswith("zh") else "name_en"
        return str(settings.BANK[name])

    @property
    def site_title(self) -> str | Promise:  # type: ignore[override]
        """The same, for the window."""
        return self.site_header

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """No page of the site takes other filters than its own, whoever wrote its class."""
        super().register(model_or_iterable, admin_class, lookup_allowed=is_own_filter, **options)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """No form here uses it, and it would search without a reason what lists search with one."""
        raise Http404

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff whose session has shown a second factor; the password alone is nobody."""
        user: Any = request.user
        return bool(user.is_active and user.is_staff and user.is_verified())

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one door: the sign-in page, with its locks and its second step."""
        wanted = safe_next(request) or reverse("admin:index")
        if self.has_permission(request):
            return redirect(wanted)
        if request.user.is_authenticated:
            # The door would send who is signed in straight back here, for ever.
            raise Http404
        return redirect(f"{reverse('signin:sign_in')}?{urlencode({'next': wanted})}")

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The wallet's own way out: it ends the session's row and writes that down."""
        if request.method == "POST":
            sign_out(request=request)
        return redirect("signin:sign_in")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one place to change a login password, and it asks for fresh proof."""
        return redirect("signin:change_password")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """What the role may look at; who works at the desk and nowhere else goes there."""
        if request.user.has_perm("accounts.use_desk") and not self.get_app_list(request):
            return redirect("admin:desk:find")  # type: ignore[return-value]
        return super().index(request, extra_context)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """The desk stands beside the models."""
        return [
            path("desk/", include("accounts.support.urls")),
            path("approvals/", include("accounts.approvals.urls")),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Which ways to show: to the desk, to the cases, to what waits for a second person."""
        context = super().each_context(request)
        if self.has_permission(request) and isinstance(request.user, User):
            context["may_use_desk"] = request.user.has_perm("accounts.use_desk")
            context["may_work_cases"] = request.user.has_perm("accounts.work_cases")
            # No empty list of models beside the desk.
            context["is_nav_sidebar_enabled"] = bool(context["available_apps"])
            context["may_take_part"] = may_take_part(request.user)
        return context
