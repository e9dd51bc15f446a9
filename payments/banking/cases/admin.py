"""Payment cases in the admin: the queue, one case, and the steps that staff may take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.looking import CustomerRecordMixin
from accounts.security.step_up import has_fresh_proof
from accounts.users.models import User
from ledger.admin import ReadOnlyAdmin
from payments.banking.cases import services
from payments.banking.cases.forms import APPROVE, ASK, DECLINE, NOTE, PROPOSE, TAKE, CaseStepForm
from payments.banking.cases.models import PaymentCase
from payments.banking.cases.selectors import digest_of, ends_for
from payments.banking.cases.services import DECIDE, WORK
from payments.banking.cases.states import CaseState
from payments.banking.cases.words import said_text
from payments.wallets.amounts import amount_text
from payments.wallets.looking import owners_of_payment

# What the second person does; the rest is for who works on cases.
_DECISIONS = frozenset({APPROVE, DECLINE})


class LiveFilter(admin.SimpleListFilter):
    """The list begins with what is left to do."""

    title = _("left to do")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("mine")), ("all", _("all, closed ones too"))]

    def choices(self, changelist: Any) -> Any:
        """The default is "left to do", not "all"."""
        chosen = list(super().choices(changelist))
        chosen[0]["display"] = _("left to do")
        return iter(chosen)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        live = queryset.exclude(state=CaseState.CLOSED)
        return live.filter(assigned_to=request.user) if self.value() == "mine" else live


@admin.register(PaymentCase)
class PaymentCaseAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    """The queue: money at risk on top, then the oldest first."""

    list_display = (
        "number",
        "kind",
        "state",
        "amount",
        "is_money_at_risk",
        "opened_at",
        "assigned_to",
    )
    list_filter = (LiveFilter, "kind", "is_money_at_risk")
    list_select_related = ("assigned_to",)
    search_fields = ("=order__reference", "=payment__reference")
    ordering = ("-is_money_at_risk", "opened_at", "pk")

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, case: PaymentCase) -> str:
        """The amount with its sign."""
        return amount_text(case.amount_minor, case.currency)

    def customers_of(self, case: PaymentCase) -> Sequence[User]:
        """Of the payment that it is about."""
        return owners_of_payment(case.payment)

    def case_of(self, case: PaymentCase) -> str:
        """A case is its own reason."""
        return case.number

    def worker_of(self, case: PaymentCase) -> User | None:
        """Who is on it."""
        return case.assigned_to

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One case: what is known, what was done, and the next step."""
        case: PaymentCase | None = self.get_object(request, object_id)
        if case is None:
            raise Http404
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponse(status=405)
        self.ask_reason(request, object_id)
        may_work, may_decide = request.user.has_perm(WORK), request.user.has_perm(DECIDE)
        is_mine = case.proposed_by_id == request.user.pk
        is_post = request.method == "POST"
        form = CaseStepForm(request.POST if is_post else None, ends=ends_for(case))
        if is_post:
            step = request.POST.get("step")
            if not (may_work or (may_decide and step in _DECISIONS)):
                raise PermissionDenied
            # What moves money asks staff again who they are.
            if step == APPROVE and not has_fresh_proof(request):
                query = urlencode({"next": request.path})
                return redirect(f"{reverse('factors:step_up')}?{query}")
            if form.is_valid() and _take_step(request, case, form):
                return redirect(request.path)
            # What somebody did meanwhile stands on the page that says why it was refused.
            case.refresh_from_db()
        is_proposed, is_closed = case.state == CaseState.PROPOSED, case.state == CaseState.CLOSED
        context = {
            **self.admin_site.each_context(request),
            "title": case.number,
            "opts": self.opts,
            "case": case,
            "said": said_text(case),
            "steps": case.steps.select_related("by"),
            "form": form,
            "digest": digest_of(case),
            "may_work": may_work and not is_closed,
            "may_decide": may_decide and is_proposed and not is_mine,
            "may_take_back": is_mine and is_proposed,
            "is_proposed": is_proposed,
        }
        status = 422 if form.errors else 200
        return render(request, "admin/payments/paymentcase/case.html", context, status=status)


def _take_step(request: HttpRequest, case: PaymentCase, form: CaseStepForm) -> bool:
    """Do what the pressed button says; whether it was done."""
    by: Any = request.user
    data = form.cleaned_data
    text = data["text"]
    acts = {
        TAKE: lambda: services.take_case(case_id=case.pk, by=by),
        ASK: lambda: services.ask_bank_again(case_id=case.pk, by=by),
        NOTE: lambda: services.note_on_case(case_id=case.pk, by=by, text=text),
        PROPOSE: lambda: services.propose_end(
            case_id=case.pk, by=by, end=data["end"], evidence=text
        ),
        APPROVE: lambda: services.approve_end(case_id=case.pk, by=by, digest=data["digest"]),
        DECLINE: lambda: services.decline_end(case_id=case.pk, by=by, reason=text),
    }
    try:
        acts[data["step"]]()
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    messages.success(request, _("Written down."))
    return True
