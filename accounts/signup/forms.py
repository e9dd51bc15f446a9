"""The questions asked of somebody who opens a wallet."""

from __future__ import annotations

import hmac
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.identity.forms import IdNumberField, NameField
from accounts.payment_password.errors import PaymentPasswordWeak
from accounts.payment_password.forms import PaymentPasswordField
from accounts.payment_password.selectors import avoid_list
from accounts.payment_password.services import require_strong
from accounts.phone.forms import PhoneField
from accounts.signup.selectors import Answers
from accounts.users.models import User

_LONGEST_PASSWORD = 256


def _agree_field() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("I have read and agree to the terms of service and the privacy notice"),
        error_messages={"required": _("Please read the two texts and agree to go on.")},
    )


class PersonForm(forms.Form):
    """Name, ID number and phone."""

    name = NameField()
    id_number = IdNumberField()
    phone = PhoneField(help_text=_("We send a code to it. You sign in with this number."))
    agree = _agree_field()


class PhoneOnlyForm(forms.Form):
    """The phone alone, for the smallest class of wallet."""

    phone = PhoneField(help_text=_("We send a code to it. You sign in with this number."))
    agree = _agree_field()


class PasswordsForm(forms.Form):
    """The payment password twice, and the login password."""

    payment_password = PaymentPasswordField(
        help_text=_("6 digits that you type for every payment. Keep them to yourself.")
    )
    payment_password_again = PaymentPasswordField(label=_("Payment password again"))
    login_password = forms.CharField(
        label=_("Login password"),
        help_text=_("At least 8 characters, not like your name or numbers. Long is better."),
        strip=False,
        max_length=_LONGEST_PASSWORD,
        error_messages={"required": _("Choose a login password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, answers: Answers, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers = answers
        self.fields["login_password"].widget.template_name = "shell/widgets/reveal.html"

    def clean_payment_password(self) -> str:
        """Refuse what is easily guessed, saying why."""
        raw: str = self.cleaned_data["payment_password"]
        avoid = avoid_list(phone=self.answers.phone, id_number=self.answers.id_number)
        try:
            require_strong(raw=raw, avoid=avoid)
        except PaymentPasswordWeak as weak:
            raise ValidationError(weak.message, code=weak.code) from None
        return raw

    def clean_login_password(self) -> str:
        """The rules of login passwords, knowing who is asking."""
        raw: str = self.cleaned_data["login_password"]
        person = User(phone=self.answers.phone)
        facts = [self.answers.name, self.answers.id_number]
        person.personal_facts = facts  # type: ignore[attr-defined]
        validate_password(raw, person)
        return raw

    def clean(self) -> dict[str, Any]:
        """Both payment passwords alike, and no login password among them."""
        data = super().clean() or self.cleaned_data
        first, again = data.get("payment_password"), data.get("payment_password_again")
        if first and again and not hmac.compare_digest(first, again):
            self.add_error(
                "payment_password_again",
                ValidationError(
                    _("The two payment passwords differ. Please type both again."), code="differ"
                ),
            )
        if first and first == data.get("login_password"):
            weak = PaymentPasswordWeak("login")
            self.add_error("login_password", ValidationError(weak.message, code=weak.code))
        return data
