"""What people type to set up a second factor or to prove who they are."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


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


class ProofForm(forms.Form):
    """Fresh proof: the login password, and a code when two-step sign-in is on."""

    password = forms.CharField(
        label=_("Login password"),
        strip=False,
        max_length=256,
        error_messages={"required": _("Type the login password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: object, wants_code: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["password"].widget.template_name = "shell/widgets/reveal.html"
        if wants_code:
            self.fields["code"] = forms.CharField(
                label=_("Code from your authenticator app"),
                help_text=_("Six digits. A recovery code works here, too."),
                error_messages={"required": _("Type the code that your app shows now.")},
                max_length=40,
                widget=forms.TextInput(
                    attrs={"autocomplete": "one-time-code", "spellcheck": "false"}
                ),
            )
