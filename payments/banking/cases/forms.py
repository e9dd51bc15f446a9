"""What staff write about a payment case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.security.reasons import ReasonField
from payments.banking.cases.states import CaseEnd

TAKE, ASK, NOTE, PROPOSE, APPROVE, DECLINE = "take", "ask", "note", "propose", "approve", "decline"
STEPS = (TAKE, ASK, NOTE, PROPOSE, APPROVE, DECLINE)
WITH_WORDS = frozenset({NOTE, PROPOSE, DECLINE})


class CaseStepForm(forms.Form):
    """One step; the pressed button says which."""

    end = forms.ChoiceField(
        label=_("How it ends"),
        required=False,
        error_messages={"invalid_choice": _("Choose one of the ends that are possible now.")},
    )
    text = ReasonField(
        label=_("What was found out, and what proves it"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    # Of the proposal that was read; an approval without it is none.
    digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    step = forms.ChoiceField(choices=[(step, step) for step in STEPS], widget=forms.HiddenInput)

    def __init__(self, *args: Any, ends: Sequence[CaseEnd], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        end = self.fields["end"]
        assert isinstance(end, forms.ChoiceField)
        end.choices = [("", "–"), *((str(one), one.label) for one in ends)]

    def clean(self) -> dict[str, Any]:
        """Words where the step needs them, an end where one is proposed."""
        data = super().clean() or {}
        if data.get("step") in WITH_WORDS and not data.get("text", "").strip():
            self.add_error(
                "text", _("Write what you found out or did; without it nothing changes.")
            )
        if data.get("step") == PROPOSE and not data.get("end"):
            self.add_error("end", _("Choose how the case ends."))
        return data
