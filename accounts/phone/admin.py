"""How text messages do, for staff: providers, attempts, receipts. No phone and no code is here."""

from __future__ import annotations

from typing import cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.phone import pumping
from accounts.phone.figures import attempts_by_provider
from accounts.phone.models import SmsAlarm, SmsProvider, SmsReceipt, SmsResult
from accounts.phone.states import SmsOutcome
from accounts.users.admin import ReadOnlyAdmin
from accounts.users.models import User


@admin.register(SmsProvider)
class SmsProviderAdmin(ReadOnlyAdmin):
    """Which provider answers, which one rests, and why."""

    list_display = (
        "name", "health", "failures", "rests_until", "answered_at", "failed_at", "reason", "totals",
    )  # fmt: skip

    @admin.display(description=_("health"))
    def health(self, provider: SmsProvider) -> str:
        """In words: three states of the breaker, and failures that have not added up yet."""
        if provider.rests_until is None:
            return str(_("in use") if not provider.failures else _("in use, failing"))
        is_resting = provider.rests_until > timezone.now()
        return str(_("resting") if is_resting else _("to be tried again"))

    @admin.display(description=_("since the beginning"))
    def totals(self, provider: SmsProvider) -> str:
        """Attempts by outcome."""
        found = attempts_by_provider()
        counts = [(each, found.get((provider.name, each.value), 0)) for each in SmsOutcome]
        return " · ".join(f"{each.label}: {count}" for each, count in counts if count)


@admin.register(SmsAlarm)
class SmsAlarmAdmin(ReadOnlyAdmin):
    """Codes that came too fast, and what is stopped now."""

    list_display = ("began_at", "kind", "subject", "messages", "until", "ended_at", "ended_by")
    list_filter = ("kind",)
    actions = ("end_alarms",)  # type: ignore[assignment]

    @admin.action(description=_("End: let such codes go out again"))
    def end_alarms(self, request: HttpRequest, alarms: QuerySet[SmsAlarm]) -> None:
        """Counting begins anew, so a going-on attack raises a new one."""
        if not request.user.has_perm("accounts.end_sms_alarm"):
            raise PermissionDenied
        for alarm in alarms:
            pumping.end_alarm(alarm=alarm, by=cast(User, request.user))


@admin.register(SmsResult)
class SmsResultAdmin(ReadOnlyAdmin):
    """What came of each attempt."""

    list_display = ("at", "message", "provider", "outcome", "reason", "reference")
    list_filter = ("provider", "outcome")
    list_select_related = ("attempt",)
    date_hierarchy = "at"

    @admin.display(description=_("code message"))
    def message(self, result: SmsResult) -> str:
        """Its number: support finds it at the desk, with a reason."""
        return f"sms-{result.attempt.code_id}"


@admin.register(SmsReceipt)
class SmsReceiptAdmin(ReadOnlyAdmin):
    """What providers said later."""

    list_display = ("received_at", "provider", "reference", "idempotency_key", "state", "reason")
    list_filter = ("provider", "state")
    date_hierarchy = "received_at"
