"""What people type at the door."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.factors.forms import factor_code_field
from accounts.identity.selectors import personal_facts
from accounts.payment_password.forms import PaymentPasswordField
from accounts.phone.numbers import clean_phone
from accounts.users.models import User

# Long enough for any manager; hashing takes the whole of it.
LONGEST_PASSWORD = 256


class RevealedPasswordInput(forms.PasswordInput):
    """A password field that can be looked at; never filled in again by the server."""

    template_name = "shell/widgets/reveal.html"


def password_field(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    """A login password field; spaces belong to the password."""
    attrs = {"autocomplete": autocomplete}
    return forms.CharField(
        label=label,
        strip=False,
        max_length=LONGEST_PASSWORD,
        error_messages={"required": _("Type the login password.")},
        widget=RevealedPasswordInput(attrs=attrs),
        **options,
    )


def phone_field() -> forms.CharField:
    """A phone number as people write it; whether it is one is not told at the door."""
    attrs = {"inputmode": "tel", "autocomplete": "username", "spellcheck": "false"}
    return forms.CharField(
        label=_("Phone number"),
        max_length=60,
        error_messages={"required": _("Type the phone number of your wallet.")},
        widget=forms.TextInput(attrs=attrs),
    )


class SignInForm(forms.Form):
    """Phone and login password."""

    phone = phone_field()
    password = password_field(_("Login password"), "current-password")


class ResumeForm(forms.Form):
    """Going on after a pause, with the six digits."""

    payment_password = PaymentPasswordField()

    def __init__(self, data: Any = None) -> None:
        # Its own ids: the page below the cover may have a field of the same name.
        super().__init__(data, auto_id="resume_%s")


class ResumeByLoginForm(ResumeForm):
    """The same with the login password."""

    payment_password = None  # type: ignore[assignment]
    password = password_field(_("Login password"), "current-password")


class SecondStepForm(forms.Form):
    """A code from the app, or a recovery code; only the latter for people without an app."""

    def __init__(self, *args: Any, has_app: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = factor_code_field(has_app=has_app)
        self.fields["code"].widget.attrs["autofocus"] = True


class NewPasswordForm(forms.Form):
    """A new login password, twice."""

    new = password_field(
        _("New login password"),
        "new-password",
        help_text=_("At least 8 characters. A few words you like make a good one."),
    )
    again = password_field(_("New login password again"), "new-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new(self) -> str:
        """Refuse short, common and personal passwords, by name."""
        new: str = self.cleaned_data["new"]
        # The name and ID number are encrypted in another room; the validator wants them here.
        self.user.personal_facts = personal_facts(self.user)  # type: ignore[attr-defined]
        validate_password(new, self.user)
        return new

    def clean(self) -> dict[str, Any]:
        """Both entries must be the same."""
        cleaned = super().clean() or {}
        new, again = cleaned.get("new"), cleaned.get("again")
        if new and again and new != again:
            self.add_error("again", _("The two entries differ. Type the same one twice."))
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    """The old login password, and the new one twice."""

    old = password_field(_("Login password now"), "current-password")
    field_order = ("old", "new", "again")


class RecoverPhoneForm(forms.Form):
    """Whose login password is to be reset."""

    phone = phone_field()

    def clean_phone(self) -> str:
        """In E.164; a number that can get no message is refused by name."""
        return clean_phone(self.cleaned_data["phone"])


class RecoveryPersonForm(forms.Form):
    """The last six characters of the ID number, and the payment password, where they are asked
    for."""

    digits = forms.CharField(
        label=_("Last six characters of your ID number"),
        help_text=_("As they stand on the card; the last one may be the letter X."),
        error_messages={"required": _("Type the last 6 characters of your ID number.")},
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    payment_password = PaymentPasswordField(label=_("Payment password"))

    def __init__(
        self, *args: Any, has_digits: object, has_payment_password: object, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not has_digits:
            del self.fields["digits"]
        if not has_payment_password:
            del self.fields["payment_password"]
