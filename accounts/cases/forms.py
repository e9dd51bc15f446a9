"""What customers and agents write."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.cases import words
from accounts.cases.numbers import parse_number
from accounts.cases.states import CaseState, Topic
from accounts.phone.forms import PhoneField
from accounts.security.errors import Refusal

# Room for what is taken out; the services say what is too long.
_ROOM = 4


def _text_field(label: Any, *, rows: int = 6, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=words.BODY_MOST * _ROOM,
        strip=False,
        error_messages={"required": _("Write what happened; a few words are enough.")},
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def _line_field() -> forms.CharField:
    return forms.CharField(
        label=_("In a few words"),
        max_length=words.SUBJECT_MOST * _ROOM,
        error_messages={"required": _("Say in a few words what it is about.")},
    )


class _CaseForm(forms.Form):
    """What every new case has."""

    topic = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[("", _("Please choose")), *Topic.choices],
        error_messages={
            "required": _("Choose what it is about."),
            "invalid_choice": _("Choose what it is about."),
        },
    )
    subject = _line_field()
    body = _text_field(
        _("What happened?"),
        help_text=_(
            "What you did, what you saw, and when. Leave out passwords, codes, card and ID "
            "numbers: nobody at the bank needs them, and what looks like one is blanked out."
        ),
    )
    form_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_key"].initial = uuid4

    def clean_subject(self) -> str:
        """As it will be kept, or the sentence that says what is wrong with it."""
        typed: str = self.cleaned_data["subject"]
        line = _checked(lambda: words.clean_line(typed))
        if not line.text:
            raise ValidationError(_("Say in a few words what it is about."), code="required")
        return typed

    def clean_body(self) -> str:
        """The same for the longer text."""
        typed: str = self.cleaned_data["body"]
        _checked(lambda: words.clean_text(typed))
        return typed

    @property
    def has_blanks(self) -> bool:
        """Whether something that looked like a secret was taken out."""
        subject, body = self.cleaned_data["subject"], self.cleaned_data["body"]
        return words.clean_line(subject).has_blanks or words.clean_text(body).has_blanks

    @property
    def facts(self) -> dict[str, Any]:
        """The arguments of the services that are the same for everybody."""
        key: UUID | None = self.cleaned_data["form_key"]
        return {
            "topic": self.cleaned_data["topic"],
            "subject": self.cleaned_data["subject"],
            "body": self.cleaned_data["body"],
            "form_key": key,
        }


class NewCaseForm(_CaseForm):
    """Of a customer who is signed in."""

    payment_reference = forms.CharField(
        label=_("Reference of the payment"),
        help_text=_("If it is about one of your payments: it stands on its page in the activity."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("topic", "subject", "body", "payment_reference", "form_key")


class ContactForm(_CaseForm):
    """Of somebody who is not."""

    phone = PhoneField(
        label=_("Your phone number"),
        help_text=_("We send a text message to it when there is an answer."),
    )
    field_order = ("phone", "topic", "subject", "body", "form_key")


class ReplyForm(forms.Form):
    """The next message."""

    body = _text_field(_("Your message"), rows=4)

    def clean_body(self) -> str:
        """Checked as it will be kept."""
        typed: str = self.cleaned_data["body"]
        self.has_blanks = _checked(lambda: words.clean_text(typed)).has_blanks
        return typed


class ReadingForm(forms.Form):
    """Which case, and the phone that it was opened for."""

    number = forms.CharField(
        label=_("Number of the case"),
        help_text=_("It begins with C- and stood on the page after you wrote to us."),
        max_length=40,
        error_messages={"required": _("Type the number of the case.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    phone = PhoneField(label=_("Phone number that you gave"))

    def clean_number(self) -> str:
        """In its one way of writing."""
        number = parse_number(self.cleaned_data["number"])
        if number is None:
            raise ValidationError(
                _("A case number has 8 letters and digits, such as C-7K3M-94QX."), code="number"
            )
        return number


class ReadingCodeForm(forms.Form):
    """Which case, and the code that was shown once when it was opened."""

    number = forms.CharField(
        label=_("Number of the case"),
        max_length=40,
        error_messages={"required": _("Type the number of the case.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reading_code = forms.CharField(
        label=_("Reading code"),
        help_text=_("Twenty letters and digits, shown once after you wrote to us."),
        max_length=60,
        error_messages={"required": _("Type the reading code.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class StaffStepForm(forms.Form):
    """What an agent does with a case; the pressed button says what."""

    TAKE, ANSWER, NOTE, CLOSE, REOPEN = "take", "answer", "note", "close", "reopen"
    step = forms.ChoiceField(
        choices=[(each, each) for each in (TAKE, ANSWER, NOTE, CLOSE, REOPEN)],
        widget=forms.HiddenInput,
    )
    body = forms.CharField(
        label=_("Answer or note"),
        required=False,
        strip=False,
        max_length=words.BODY_MOST * _ROOM,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class QueueForm(forms.Form):
    """Which cases the queue shows."""

    MINE, NOBODYS = "mine", "nobody"
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Waiting or answered")),
            ("waiting", _("Waiting for us")),
            *CaseState.choices,
        ],
    )
    topic = forms.ChoiceField(
        label=_("Topic"), required=False, choices=[("", _("All topics")), *Topic.choices]
    )
    who = forms.ChoiceField(
        label=_("Who is on it"),
        required=False,
        choices=[("", _("Anybody or nobody")), (MINE, _("Me")), (NOBODYS, _("Nobody yet"))],
    )
    number = forms.CharField(
        label=_("Number of the case"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def _checked(clean: Any) -> words.Cleaned:
    """What a service would refuse, beside the field."""
    try:
        cleaned: words.Cleaned = clean()
    except Refusal as refusal:
        raise ValidationError(refusal.message, code=refusal.code) from None
    return cleaned
