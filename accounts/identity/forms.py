"""Name and ID number as fields."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.identity.names import clean_name
from accounts.identity.numbers import clean_id_number


class NameField(forms.CharField):
    """A person's name as on the ID card."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Type your name as on your ID card.")
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Name"))
        kwargs.setdefault("help_text", _("As on your ID card."))
        super().__init__(**kwargs)
        self.widget.attrs.update({"autocomplete": "name", "spellcheck": "false"})

    def to_python(self, value: Any) -> str:
        """The tidied name, or a sentence that says what is wrong with it."""
        text = super().to_python(value)
        return clean_name(text) if text else ""


class IdNumberField(forms.CharField):
    """A Chinese resident identity number, in capitals and without spaces."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Type the 18 characters of your ID number.")
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("ID number"))
        kwargs.setdefault("help_text", _("18 characters; the last one may be X."))
        super().__init__(**kwargs)
        self.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})

    def to_python(self, value: Any) -> str:
        """The 18 characters, or a sentence that says what is wrong with them."""
        text = super().to_python(value)
        return clean_id_number(text) if text else ""


class IdentityForm(forms.Form):
    """For somebody whose wallet was opened with the phone number alone."""

    name = NameField()
    id_number = IdNumberField()
