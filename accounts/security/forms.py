"""Showing a refusal in the form it belongs to."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.forms import BaseForm

from accounts.security.errors import Refusal
from accounts.security.throttle import TooManyRequests


def add_refusal(form: BaseForm, refusal: Refusal) -> None:
    """Put a refusal where the person sees it: beside its field, or above the form; also above a
    form that was not sent itself, but stands on the page of the one that was. One with a page of
    its own is raised again, and so is "too often", whose page says when it is worth trying again.
    """
    if refusal.own_page or isinstance(refusal, TooManyRequests):
        raise refusal
    if not form.is_bound:
        form.full_clean()
        form.cleaned_data = {}
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, ValidationError(refusal.message, code=refusal.code))
