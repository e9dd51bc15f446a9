"""What is typed to plan transfers: shape only; the services decide."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from payments.processing.forms import AuthoriseForm, TextField
from payments.transfers.forms import PayeeForm, checked_amount
from payments.transfers.standing_orders.composing import Timing
from payments.transfers.standing_orders.states import Repeats

_MOST_TIMES = 999


class Ends:
    """The values of the field `ends`."""

    NEVER, ON, TIMES = "never", "on", "times"


class OrderForm(PayeeForm):
    """To whom, how much, when and how often."""

    repeats = forms.ChoiceField(
        label=_("How often"),
        choices=Repeats.choices,
        initial=Repeats.MONTHLY,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often.")},
    )
    starts_on = forms.DateField(
        label=_("First date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the first date."),
            "invalid": _("This is no date. Type it as 2026-12-31."),
        },
    )
    at_time = forms.TimeField(
        label=_("Time of day"),
        initial=time(9),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": _("Choose a time of day."),
            "invalid": _("This is no time. Type it as 09:00."),
        },
    )
    ends = forms.ChoiceField(
        label=_("How long"),
        required=False,
        initial=Ends.NEVER,
        choices=[
            (Ends.NEVER, _("Until I cancel it")),
            (Ends.ON, _("Until a last date")),
            (Ends.TIMES, _("A number of times")),
        ],
        widget=forms.RadioSelect,
    )
    ends_on = forms.DateField(
        label=_("Last date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("This is no date. Type it as 2026-12-31.")},
    )
    times = forms.IntegerField(
        label=_("Number of times"),
        required=False,
        min_value=1,
        max_value=_MOST_TIMES,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Type a whole number, for example 12."),
            "min_value": _("At least once."),
            "max_value": _("At most %(limit_value)s times."),
        },
    )
    field_order = (
        "payee",
        "amount",
        "repeats",
        "starts_on",
        "at_time",
        "ends",
        "ends_on",
        "times",
        "note",
        "compose_key",
    )

    def __init__(self, *args: Any, zone_hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at_time"].help_text = zone_hint
        for name in ("repeats", "ends"):
            self.fields[name].widget.template_name = "shell/widgets/choices.html"

    def clean_at_time(self) -> time:
        """To the minute."""
        value: time = self.cleaned_data["at_time"]
        return value.replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        """The end that was chosen needs its value."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("repeats") == Repeats.ONCE:
            return cleaned
        for name, field in ((Ends.ON, "ends_on"), (Ends.TIMES, "times")):
            is_wanted = cleaned.get("ends") == name and field not in self.errors
            if is_wanted and cleaned.get(field) is None:
                self.add_error(
                    field,
                    ValidationError(_("Fill this in, or choose another end."), code="standing.end"),
                )
        return cleaned

    @property
    def timing(self) -> Timing:
        """What was chosen, once the form is valid."""
        data = self.cleaned_data
        repeats = data["repeats"]
        ends = Ends.NEVER if repeats == Repeats.ONCE else data["ends"]
        ends_on: date | None = data["ends_on"] if ends == Ends.ON else None
        times: int | None = data["times"] if ends == Ends.TIMES else None
        return Timing(repeats, data["starts_on"], data["at_time"], ends_on, times)


class AmountForm(AuthoriseForm):
    """Another amount, and the payment password that stands for it."""

    amount = TextField(
        label=_("New amount"),
        error_messages={"required": _("Enter an amount, for example 12.50.")},
    )
    field_order = ("amount", "payment_password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.template_name = "shell/widgets/amount.html"

    def clean_amount(self) -> str:
        """Refuse what is no amount; the service reads it again."""
        return checked_amount(self.cleaned_data["amount"])


class OrderAuthoriseForm(AuthoriseForm):
    """The payment password: what it stands for is in the order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["payment_password"]
        field.help_text = _("6 digits, not the login password. It is not asked again for each date")


class SkipForm(forms.Form):
    """Which date the page showed."""

    index = forms.IntegerField(min_value=0, max_value=10**6, widget=forms.HiddenInput)


class SeenForm(forms.Form):
    """Up to which notice the page showed."""

    up_to = forms.IntegerField(min_value=0, max_value=2**62, widget=forms.HiddenInput)
