"""Looking at one customer's records in the admin: with a reason, for a while, seen by the customer.

Lists show masked rows of everybody. One row is somebody's record: it opens after the reason was
written down (or from a case, which is the reason), and each opening is an event of its owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.security import throttle
from accounts.security.models import StaffLook
from accounts.security.reasons import ReasonField
from accounts.security.services import record_event
from accounts.security.sessions import signed_in_user
from accounts.users.models import User

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = object


class LookForm(forms.Form):
    """Why; the customer can read it."""

    look_reason = ReasonField(
        label=gettext_lazy("Reason"),
        min_length=5,
        max_length=200,
        help_text=gettext_lazy(
            "In a few words. The customer can read this in the security centre."
        ),
        error_messages={
            "required": gettext_lazy("Write a reason; without one nothing is done."),
            "min_length": gettext_lazy("Write the reason in a few words."),
        },
    )


def open_look(agent: User, customers: Sequence[User]) -> StaffLook | None:
    """The newest look of this agent that covers all of these people; None when one is missing."""
    since = timezone.now() - timedelta(seconds=settings.SUPPORT["visit_seconds"])
    looks = [
        StaffLook.objects.filter(agent=agent, customer=customer, created_at__gt=since).first()
        for customer in customers
    ]
    return looks[0] if looks and all(looks) else None


def begin_look(*, agent: User, customers: Sequence[User], reason: str) -> None:
    """Write down why this agent opens these people's records. Raises `TooManyRequests`. Call it
    outside any transaction."""
    throttle.hit(action="staff.look", person=str(agent.public_id))
    StaffLook.objects.bulk_create(
        [StaffLook(agent=agent, customer=customer, reason=reason) for customer in customers]
    )


def note_looked(*, agent: User, customers: Sequence[User], what: str, reason: str) -> None:
    """One event for each of them: what was opened, and why."""
    with transaction.atomic():
        for customer in customers:
            record_event(
                user=customer,
                actor=agent,
                kind="staff.looked",
                details={"record": what, "reason": reason},
            )


def record_title(label: str) -> str:
    """What a kind of record is called, in the language of the reader: "payments.payment"."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def require_look(
    request: HttpRequest, *, customers: Sequence[User], what: str, title: str, because: str = ""
) -> HttpResponse | None:
    """None when the row may be shown, which is written down; else the page that asks for the
    reason, or the way back from it. `what` is the label of the model; `because` names a case: it
    is the reason.

    Staff's own events are no customer's record.
    """
    agent, people = signed_in_user(request), _customers_among(customers)
    if not people:
        return None
    is_reason = "look_reason" in request.POST
    look = None if because or is_reason else open_look(agent, people)
    if because or look:
        # A step of a case is written down by the case.
        if look or request.method in {"GET", "HEAD"}:
            reason = look.reason if look else because
            note_looked(agent=agent, customers=people, what=what, reason=reason)
        return None
    form = LookForm(request.POST if is_reason else None)
    if form.is_valid():
        begin_look(agent=agent, customers=people, reason=form.cleaned_data["look_reason"])
        return redirect(request.get_full_path())
    context = {
        **admin.site.each_context(request),
        "form": form,
        "title": title,
        "minutes": settings.SUPPORT["visit_seconds"] // 60,
    }
    status = 422 if is_reason else 200 if request.method in {"GET", "HEAD"} else 403
    return render(request, "accounts/security/look.html", context, status=status)


def carry_case(*, agent: User, customers: Sequence[User], case: str) -> None:
    """Who works on a case may open what it links to: the case is the reason for those rows, too.
    Raises `TooManyRequests`. Call it outside any transaction."""
    people = _customers_among(customers)
    if people and open_look(agent, people) is None:
        begin_look(agent=agent, customers=people, reason=case)


def _customers_among(users: Sequence[User]) -> list[User]:
    return list({each.pk: each for each in users if not each.is_staff}.values())


class CustomerRecordMixin(AnyAdmin):
    """For the admin of rows that are about customers; goes before the read-only class."""

    def customers_of(self, row: Any) -> Sequence[User]:
        """Whose record this row is."""
        raise NotImplementedError

    def customers_searched(self, text: str) -> Sequence[User]:
        """Whose rows a search for this text lists: such a list is somebody's record as well."""
        return ()

    def case_of(self, row: Any) -> str:
        """The number of the case that this row is, "" for rows that are none."""
        return ""

    def worker_of(self, row: Any) -> User | None:
        """Who has taken the case that this row is."""
        return None

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The row, after the reason."""
        return self.ask_reason(request, object_id) or super().change_view(
            request, object_id, form_url, extra_context
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Its history, after the same reason."""
        return self.ask_reason(request, object_id) or super().history_view(
            request, object_id, extra_context
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; one that was searched for a person, after the reason."""
        text = request.GET.get("q", "").strip()
        if text and self.has_view_permission(request):
            asked = require_look(
                request,
                customers=self.customers_searched(text),
                what=self.opts.label_lower,
                title=_("Why do you look for this customer?"),
            )
            if asked is not None:
                return asked
        return super().changelist_view(request, extra_context)

    def ask_reason(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """None when this row may be shown now; else what stands before it."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_view_permission(request, row):
            return None
        customers, case = self.customers_of(row), self.case_of(row)
        agent = signed_in_user(request)
        if case and self.worker_of(row) == agent:
            carry_case(agent=agent, customers=customers, case=case)
        return require_look(
            request,
            customers=customers,
            what=self.opts.label_lower,
            title=_("Why do you open this record?"),
            because=case,
        )
