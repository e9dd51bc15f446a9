"""What a reset of the payment password asks of somebody who has a second factor."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

from accounts.factors.forms import factor_code_field
from accounts.factors.passkey_asking import ask_to_prove, is_answered, take_answer
from accounts.factors.selectors import get_authenticator, has_second_factor
from accounts.factors.services import verify_second_factor
from accounts.payment_password.second_factor import SecondFactor
from accounts.users.models import User

_PURPOSE = "payment_password_reset"


def second_factor() -> SecondFactor:
    """For `register_second_factor`, when Django starts."""
    return SecondFactor(is_on=has_second_factor, field=_field, check=_check, ask=_ask, take=_take)


def _field(user: User) -> forms.Field:
    return factor_code_field(has_app=get_authenticator(user) is not None)


def _check(user: User, code: str, address: str) -> None:
    verify_second_factor(user=user, code=code, address=address)


def _ask(request: HttpRequest, user: User, bound_to: str) -> object | None:
    return ask_to_prove(request, _PURPOSE, person=user, bound_to=bound_to)


def _take(request: HttpRequest, user: User, bound_to: str) -> bool:
    if not is_answered(request):
        return False
    take_answer(request, _PURPOSE, person=user, bound_to=bound_to)
    return True
