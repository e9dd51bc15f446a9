"""What is sent to start a batch: shape only."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    """A file. What is in it, the service reads."""

    file = forms.FileField(
        label=_("CSV file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        error_messages={
            "required": _("Choose the file first."),
            "invalid": _("Choose the file first."),
            "missing": _("Choose the file first."),
        },
    )


class ChooseForm(forms.Form):
    """On the preview: which lines go, said by the button, and that a repeat is meant."""

    # How many lines the person saw on the button.
    lines = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    again = forms.BooleanField(
        label=_("Send the same lines again: this is meant as a second payment"), required=False
    )
