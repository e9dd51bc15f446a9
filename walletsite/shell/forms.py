"""How forms look: one field layout and the widgets of the design.

Apps choose a widget by `template_name` (see the top of each file in templates/shell/widgets),
so that nobody has to import this module.
"""

from __future__ import annotations

from django import forms
from django.forms.renderers import TemplatesSetting


class WalletFormRenderer(TemplatesSetting):
    """Label, hint, error, control in that order, for `{{ form.name.as_field_group }}`."""

    field_template_name = "shell/field.html"


class AmountInput(forms.TextInput):
    """An amount with its currency sign and a word for its highest place."""

    template_name = "shell/widgets/amount.html"


class CodeInput(forms.TextInput):
    """A six-digit code from a message or an authenticator."""

    template_name = "shell/widgets/code.html"


class RevealPasswordInput(forms.PasswordInput):
    """A password that one may look at while typing."""

    template_name = "shell/widgets/reveal.html"


class PaymentPasswordInput(forms.PasswordInput):
    """Six cells drawn from one real password input."""

    template_name = "shell/widgets/pin.html"


class ChoiceCards(forms.RadioSelect):
    """Radio buttons as large cards."""

    template_name = "shell/widgets/choices.html"
