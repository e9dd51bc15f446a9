"""What people type to set up a second factor or to prove who they are."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AppCodeForm(forms.Form):
    """Six digits from the authenticator app."""

    code = forms.CharField(
        label=_("Code from your authenticator app"),
        help_text=_("Six digits; a new one comes every 30 seconds."),
        error_messages={"required": _("Type the code that your app shows now.")},
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "spellcheck": "false",
                "class": "code",
            }
        ),
    )


class PasskeyNameForm(forms.Form):
    """What the owner calls a passkey."""

    name = forms.CharField(
        label=pgettext_lazy("of a passkey", "Name"),
        help_text=_("So that you know it again, for example: my phone."),
        max_length=40,
        error_messages={"required": _("Give it a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ProofForm(forms.Form):
    """Fresh proof: the login password, and with a second factor its code: of the app, or, for
    somebody who has passkeys only, a recovery code."""

    password = forms.CharField(
        label=_("Login password"),
        strip=False,
        max_length=256,
        error_messages={"required": _("Type the login password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: object, wants_code: bool, has_app: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["password"].widget.template_name = "shell/widgets/reveal.html"
        if wants_code:
            self.fields["code"] = factor_code_field(has_app=has_app)


def factor_code_field(*, has_app: bool) -> forms.CharField:
    """Where a code of the app is typed, or a recovery code; for people who have passkeys only, a
    recovery code alone."""
    if has_app:
        label = _("Code from your authenticator app")
        help_text = _("Six digits. A recovery code works here, too.")
        required = _("Type the code that your app shows now.")
    else:
        label, help_text = _("Recovery code"), _("One of the ten that you keep on paper.")
        required = _("Type one of your recovery codes.")
    return forms.CharField(
        label=label,
        help_text=help_text,
        error_messages={"required": required},
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
