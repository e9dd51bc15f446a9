"""What people type to find a record: shape only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.records.criteria import Direction
from payments.records.selectors import list_kind_choices


class ActivityFilterForm(forms.Form):
    """Which records to list; everything may be left out. A GET form: it works without script."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "enterkeyhint": "search"}),
    )
    direction = forms.ChoiceField(
        label=_("Direction"),
        required=False,
        choices=(
            (Direction.ANY, pgettext_lazy("direction", "All")),
            (Direction.OUT, pgettext_lazy("direction", "Out")),
            (Direction.IN, pgettext_lazy("direction", "In")),
        ),
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    since = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    until = forms.DateField(
        label=pgettext_lazy("period", "To"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", _("Every kind")), *list_kind_choices()]

    def clean(self) -> dict[str, Any]:
        """A period runs forwards and lies within the years that have records."""
        data = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        for name in ("since", "until"):
            day = data.get(name)
            if day is not None and not 2000 <= day.year <= timezone.localdate().year + 1:
                self.add_error(name, ValidationError(_("Choose a day of recent years.")))
        if since and until and since > until:
            self.add_error(
                "until",
                ValidationError(_("The last day lies before the first one. Change one of them.")),
            )
        return data


class VerifyForm(forms.Form):
    """What stands on a receipt."""

    reference = forms.CharField(
        label=_("Receipt number"),
        max_length=60,
        error_messages={"required": _("Enter the number that stands on the receipt.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    check_code = forms.CharField(
        label=_("Check code"),
        max_length=30,
        help_text=_("Twelve letters and digits in three groups"),
        error_messages={"required": _("Enter the check code that stands on the receipt.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
