"""Upload, preview, authorise, progress, result: one address tells the truth about a batch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.payment_password.errors import PaymentPasswordLocked
from accounts.payment_password.selectors import payment_password_state
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import current_session
from accounts.security.throttle import TooManyRequests
from accounts.users.models import User
from payments.processing.forms import AuthoriseForm
from payments.proving.errors import SecondProofNeeded
from payments.proving.step import Step, begin_step, prove_step
from payments.transfers.batch.forecast import list_obstacles
from payments.transfers.batch.forms import ChooseForm, UploadForm
from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.problems import list_problems, reason_text
from payments.transfers.batch.report import result_csv, template_csv
from payments.transfers.batch.selectors import (
    find_sent_before,
    get_batch_for,
    list_batches,
    list_lines,
    progress_of,
)
from payments.transfers.batch.services import (
    ask_of_batch,
    authorise_batch,
    authorise_proved,
    choose_repeat,
    discard_batch,
    stop_batch,
    upload_batch,
)
from payments.transfers.batch.states import BatchState
from payments.wallets.amounts import amount_text
from payments.wallets.selectors import wallet_balance
from payments.wallets.services import open_wallet

_PAGES = "payments/transfers/batch"


def _me(request: HttpRequest) -> User:
    """The person signed in; LoginRequiredMiddleware lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; its preview comes next. Lists what waits and what was sent."""
    me = _me(request)
    if request.method != "POST":
        return _upload_page(request, UploadForm(), status=200)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        most = settings.PAYMENTS["batch"]["most_bytes"]
        try:
            # One byte more than may be: enough to know that it is too much.
            batch = upload_batch(
                user=me, content=file.read(most + 1), file_name=str(file.name or "")
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            form.add_error(
                refusal.field or None, ValidationError(refusal.message, code=refusal.code)
            )
        else:
            return redirect("batch:show", public_id=batch.public_id)
    return _upload_page(request, form, status=422)


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """A file to fill in."""
    return _csv(template_csv(), "transfers-template.csv")


@require_safe
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The preview of a draft, the progress of a batch that runs, the result of one that has."""
    batch = get_batch_for(_me(request), public_id)
    if batch.shown_state == BatchState.DRAFT:
        return _preview(request, batch, ChooseForm(), status=200)
    if batch.shown_state in (BatchState.DISCARDED, BatchState.EXPIRED):
        return render(request, f"{_PAGES}/ended.html", {"batch": batch})
    lines = [(line, reason_text(line)) for line in list_lines(batch)]
    context = {"batch": batch, "progress": progress_of(batch), "lines": lines}
    return render(request, f"{_PAGES}/progress.html", context)


@require_POST
def choose(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """From the preview to the payment password, when what was seen there still holds."""
    me = _me(request)
    batch = get_batch_for(me, public_id)
    if batch.shown_state != BatchState.DRAFT:
        return redirect("batch:show", public_id=public_id)
    form = ChooseForm(request.POST)
    if form.is_valid() and form.cleaned_data["lines"] == batch.good_count:
        if form.cleaned_data["again"]:
            choose_repeat(user=me, public_id=public_id)
        if find_sent_before(batch) is None or form.cleaned_data["again"]:
            return redirect("batch:authorise", public_id=public_id)
        form.add_error("again", ValidationError(_again_needed(), code="batch.same_file"))
    return _preview(request, batch, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def authorise(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How many, how much, and the payment password. Only this POST sends anything."""
    me = _me(request)
    batch = get_batch_for(me, public_id)
    if batch.shown_state != BatchState.DRAFT or not batch.good_count:
        return redirect("batch:show", public_id=public_id)
    if request.method != "POST":
        if payment_password_state(me).is_locked:
            return redirect("processing:locked")
        return _authorise_page(request, batch, AuthoriseForm(), status=200)
    form = AuthoriseForm(request.POST)
    if form.is_valid():
        try:
            authorise_batch(
                user=me,
                public_id=public_id,
                raw_payment_password=form.cleaned_data["payment_password"],
                session=current_session(request),
            )
        except PaymentPasswordLocked:
            return redirect("processing:locked")
        except SecondProofNeeded:
            return begin_step(request, _step(request, batch))
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("batch:show", public_id=public_id)
    return _authorise_page(request, batch, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The second proof, after the payment password and before anything is sent."""
    batch = get_batch_for(_me(request), public_id)
    if batch.shown_state != BatchState.DRAFT or not batch.good_count:
        return redirect("batch:show", public_id=public_id)
    return prove_step(request, _step(request, batch))


def _step(request: HttpRequest, batch: TransferBatch) -> Step:
    at = {"public_id": batch.public_id}
    return Step(
        ask=ask_of_batch(batch),
        finish=lambda: authorise_proved(batch=batch, session=current_session(request)),
        prove_url=reverse("batch:prove", kwargs=at),
        authorise_url=reverse("batch:authorise", kwargs=at),
        done_url=reverse("batch:show", kwargs=at),
        title=gettext("Transfers from a file"),
        icon="file",
    )


@require_POST
def discard(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Forget the draft."""
    discard_batch(user=_me(request), public_id=public_id)
    return redirect("batch:show", public_id=public_id)


@require_POST
def stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Leave out the rest."""
    stop_batch(user=_me(request), public_id=public_id)
    return redirect("batch:show", public_id=public_id)


@require_safe
def result(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What became of each line, for a spreadsheet."""
    batch = get_batch_for(_me(request), public_id)
    if batch.state not in (BatchState.RUNNING, BatchState.DONE):
        return redirect("batch:show", public_id=public_id)
    return _csv(result_csv(batch), f"transfers-{batch.public_id}.csv")


def _again_needed() -> str:
    return gettext("Tick this if the same lines are meant a second time; otherwise discard them.")


def _upload_page(request: HttpRequest, form: UploadForm, *, status: int) -> HttpResponse:
    rules = settings.PAYMENTS["batch"]
    open_wallet(user=_me(request))
    context = {
        "form": form,
        "batches": list_batches(_me(request)),
        "most_lines": rules["most_lines"],
        "most_kb": rules["most_bytes"] // 1024,
    }
    return render(request, f"{_PAGES}/upload.html", context, status=status)


def _preview(
    request: HttpRequest, batch: TransferBatch, form: ChooseForm, *, status: int
) -> HttpResponse:
    lines = list_lines(batch)
    context: dict[str, Any] = {
        "batch": batch,
        "form": form,
        "bad": [(line, list_problems(line)) for line in lines if not line.is_good],
        "good": [line for line in lines if line.is_good],
        "obstacles": list_obstacles(batch, batch.wallet) if batch.good_count else [],
        "sent_before": find_sent_before(batch),
        "balance": wallet_balance(batch.wallet),
    }
    return render(request, f"{_PAGES}/preview.html", context, status=status)


def _authorise_page(
    request: HttpRequest, batch: TransferBatch, form: AuthoriseForm, *, status: int
) -> HttpResponse:
    context = {
        "batch": batch,
        "form": form,
        "tries": payment_password_state(batch.owner),
        "balance": wallet_balance(batch.wallet),
        "is_proof_over": "over" in request.GET,
        "amount": amount_text(batch.good_minor, batch.currency),
    }
    return render(request, f"{_PAGES}/authorise.html", context, status=status)


def _csv(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
