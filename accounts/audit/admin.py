"""The audit log for auditors: to read, and to take away."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.audit.files import export_audit
from accounts.audit.models import AuditRecord
from accounts.security.looking import CustomerRecordMixin
from accounts.security.sessions import signed_in_user
from accounts.users.admin import ReadOnlyAdmin
from accounts.users.models import User


@admin.register(AuditRecord)
class AuditRecordAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    """Link by link."""

    list_display = ("number", "at", "source", "short", "digest")
    list_filter = ("source",)
    date_hierarchy = "at"
    change_list_template = "accounts/audit/records.html"

    @admin.display(description=_("content"))
    def short(self, record: AuditRecord) -> str:
        """What happened; about whom and from where stands in the row."""
        facts = json.loads(record.content)
        return str(facts.get("kind") or facts.get("said", ""))[:120]

    def customers_of(self, record: AuditRecord) -> Sequence[User]:
        """Whom the sealed event is about."""
        about = json.loads(record.content).get("about")
        return list(User.objects.filter(pk=about)) if about else []

    def get_urls(self) -> list[URLPattern]:
        """The export stands before the rows."""
        export = self.admin_site.admin_view(require_POST(self.export))
        return [path("export/", export, name="accounts_auditrecord_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """All of it as JSON lines; that it was taken is an event in it."""
        if not request.user.has_perm("accounts.export_audit"):
            raise PermissionDenied
        lines = export_audit(since=None, until=None, by=signed_in_user(request))
        answer = StreamingHttpResponse(lines, content_type="application/x-ndjson; charset=utf-8")
        name = f"audit-{timezone.now():%Y%m%dT%H%M%SZ}.jsonl"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "no-store"
        return answer
