"""What a second person types."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.security.reasons import ReasonField


class DecideForm(forms.Form):
    """The decision, and what it is about. A rejection says why."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = ReasonField(
        label=_("Reason, for a rejection"),
        required=False,
        max_length=200,
        help_text=_("Your colleague reads it."),
    )
    decision = forms.ChoiceField(
        choices=[("approve", _("Approve")), ("reject", _("Reject"))], widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, object]:
        """Nobody is turned down without a word."""
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "reject" and not cleaned.get("reason"):
            self.add_error("reason", _("Write why you reject it."))
        return cleaned
