"""What every form of the product has in common."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType

from django import forms

import accounts
import payments

_DJANGOS_OWN = str(forms.Field.default_error_messages["required"])


def form_modules() -> list[ModuleType]:
    return [
        importlib.import_module(module.name)
        for app in (accounts, payments)
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}.")
        if module.name.endswith(".forms")
    ]


def test_an_empty_field_says_what_to_type_there() -> None:
    silent = [
        f"{form.__module__}.{form.__name__}.{name}"
        for module in form_modules()
        for _, form in inspect.getmembers(module, inspect.isclass)
        if issubclass(form, forms.Form)
        for name, field in getattr(form, "base_fields", {}).items()
        if field.required
        and not isinstance(field.widget, forms.HiddenInput)
        and not isinstance(field, forms.ChoiceField)
        and str(field.error_messages["required"]) == _DJANGOS_OWN
    ]
    assert not silent
