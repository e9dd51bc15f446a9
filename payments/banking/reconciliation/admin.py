"""Files, statements and cases in the admin. Staff work on cases; nobody changes anything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.identity.names import mask_name
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.looking import CustomerRecordMixin
from accounts.users.models import User
from ledger.admin import ReadOnlyAdmin
from payments.banking.models import BankOrder
from payments.banking.reconciliation.forms import ASSIGN, RESOLVE, CaseForm
from payments.banking.reconciliation.models import (
    BankFile,
    BankStatement,
    FileOrder,
    ReconciliationCase,
    StatementEntry,
)
from payments.banking.reconciliation.selectors import (
    at_risk_minor,
    case_details,
    shown_facts,
)
from payments.banking.reconciliation.services import add_note, assign_case, resolve_case
from payments.banking.reconciliation.states import UNRESOLVED
from payments.banking.reconciliation.words import ADVICE
from payments.wallets.amounts import amount_text
from payments.wallets.looking import owners_of_payment

WORK = "payments.work_on_cases"


class UnresolvedFilter(admin.SimpleListFilter):
    """What is left to do; the list begins with it."""

    title = _("left to do")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("mine")), ("all", _("all, resolved ones too"))]

    def choices(self, changelist: Any) -> Any:
        """The default is "left to do", not "all"."""
        chosen = list(super().choices(changelist))
        chosen[0]["display"] = _("left to do")
        return iter(chosen)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        left = queryset.filter(state__in=UNRESOLVED)
        return left.filter(assigned_to=request.user) if self.value() == "mine" else left


@admin.register(ReconciliationCase)
class ReconciliationCaseAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    """The queue: the oldest first, with the money that hangs on each."""

    list_display = ("what", "opened_at", "at_risk", "state", "assigned_to", "resolved_at")
    list_filter = (UnresolvedFilter, "kind")
    list_select_related = ("assigned_to",)
    search_fields = ("=order__reference", "=order__payment__reference")
    ordering = ("opened_at", "pk")
    change_list_template = "admin/payments/reconciliationcase/queue.html"

    def customers_of(self, case: ReconciliationCase) -> Sequence[User]:
        """Of the order's payment, where the bank's row has one."""
        return owners_of_payment(case.order.payment) if case.order else []

    def case_of(self, case: ReconciliationCase) -> str:
        """A case is its own reason."""
        return f"{case.get_kind_display()} ({case.pk})"

    def worker_of(self, case: ReconciliationCase) -> User | None:
        """Who is on it."""
        return case.assigned_to

    @admin.display(description=_("what"), ordering="kind")
    def what(self, case: ReconciliationCase) -> str:
        """What does not agree."""
        return case.get_kind_display()

    @admin.display(description=_("money at risk"), ordering="at_risk_minor")
    def at_risk(self, case: ReconciliationCase) -> str:
        """How much hangs on it."""
        return amount_text(case.at_risk_minor, case.currency) if case.currency else "–"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The queue, under the sum of what hangs on all that is unresolved."""
        told = {"at_risk_minor": at_risk_minor(), **(extra_context or {})}
        return super().changelist_view(request, told)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One case: its facts, what was done so far, and the next step."""
        case = self.get_object(request, object_id)
        if case is None:
            raise Http404
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponse(status=405)
        self.ask_reason(request, object_id)
        may_work = request.user.has_perm(WORK)
        form = CaseForm(request.POST if request.method == "POST" else None)
        if request.method == "POST":
            if not may_work:
                raise PermissionDenied
            if form.is_valid() and _take_step(request, case, form):
                return redirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": case.get_kind_display(),
            "opts": self.opts,
            "case": case,
            "advice": ADVICE[case.kind],
            "facts": shown_facts(case),
            "other_side": _masked(case_details(case)) if may_work else None,
            "notes": case.notes.select_related("by"),
            "form": form,
            "may_work": may_work and not case.is_resolved,
        }
        return render(
            request,
            "admin/payments/reconciliationcase/case.html",
            context,
            status=422 if form.errors else 200,
        )


def _take_step(request: HttpRequest, case: ReconciliationCase, form: CaseForm) -> bool:
    """Do what the pressed button says; whether it was done."""
    user: Any = request.user
    text, step = form.cleaned_data["text"], form.cleaned_data["step"]
    try:
        if step == ASSIGN:
            to = form.cleaned_data["assignee"] or user
            assign_case(case=case, by=user, to=to, text=text)
        elif step == RESOLVE:
            resolve_case(case=case, by=user, text=text)
        else:
            add_note(case=case, by=user, text=text)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    messages.success(request, _("Written down."))
    return True


def _masked(details: dict[str, str]) -> dict[str, str]:
    """The other side of a row: a masked name, the end of the account number, the text."""
    return {
        "name": mask_name(details["name"]),
        "account": f"**** {details['account'][-4:]}" if details["account"] else "",
        "remittance": details["remittance"],
    }


@admin.register(BankFile)
class BankFileAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "direction",
        "kind",
        "state",
        "row_count",
        "fault",
        "created_at",
        "done_at",
    )
    list_filter = ("direction", "state", "kind")
    search_fields = ("=message_id", "=sha256")
    exclude = ("content_token",)


@admin.register(FileOrder)
class FileOrderAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    list_display = ("reference", "direction", "state", "reason", "amount", "file", "received_at")
    list_filter = ("state", "direction")
    search_fields = ("=reference", "=bank_reference")
    list_select_related = ("file",)
    exclude = ("payee_token", "account_index")

    def customers_of(self, order: FileOrder) -> Sequence[User]:
        """Of the payment that it carries out."""
        found = BankOrder.objects.filter(reference=order.reference).first()
        return owners_of_payment(found.payment) if found else []

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, order: FileOrder) -> str:
        """The amount with its sign."""
        return amount_text(order.amount_minor, order.currency)


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnlyAdmin):
    list_display = ("identification", "kind", "sequence", "closed_on", "closing", "imported_at")
    list_filter = ("kind",)
    search_fields = ("=identification",)
    exclude = ("content_digest",)

    @admin.display(description=_("closing balance"), ordering="closing_minor")
    def closing(self, statement: BankStatement) -> str:
        """The balance with its sign; a notice has none."""
        if statement.closing_minor is None:
            return "–"
        return amount_text(statement.closing_minor, statement.currency)


@admin.register(StatementEntry)
class StatementEntryAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    list_display = (
        "statement",
        "number",
        "direction",
        "amount",
        "is_booked",
        "is_return",
        "result",
        "end_to_end_id",
    )
    list_filter = ("outcome__result", "direction", "is_return")
    search_fields = ("=end_to_end_id", "=bank_reference")
    list_select_related = ("statement", "outcome")
    exclude = ("details_token", "account_index")

    def customers_of(self, entry: StatementEntry) -> Sequence[User]:
        """Of the order that the row was found to be about."""
        outcome = getattr(entry, "outcome", None)
        order = outcome.order if outcome else None
        return owners_of_payment(order.payment) if order else []

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, entry: StatementEntry) -> str:
        """The amount with its sign."""
        return amount_text(entry.amount_minor, entry.currency)

    @admin.display(description=_("result"))
    def result(self, entry: StatementEntry) -> str:
        """What became of the row."""
        outcome = getattr(entry, "outcome", None)
        return outcome.get_result_display() if outcome else "–"
