"""The second factor at a reset. This room knows none: whoever does, registers it at start-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest

from accounts.users.models import User


@dataclass(frozen=True)
class SecondFactor:
    """What this room asks of it; the last text of each is the number of the reset.

    is_on: whether this person has it. field: where its code is typed. check: raises a Refusal
    unless the code is right, in its own committed transactions; called outside any other. ask: what
    the page needs to offer a passkey, None for none. take: whether the form was a passkey's answer,
    which is then right, or a Refusal is raised.
    """

    is_on: Callable[[User], bool]
    field: Callable[[User], forms.Field]
    check: Callable[[User, str, str], None]
    ask: Callable[[HttpRequest, User, str], object | None]
    take: Callable[[HttpRequest, User, str], bool]


_FACTORS: list[SecondFactor] = []


def register_second_factor(factor: SecondFactor) -> None:
    """Ask for this factor, too, when a payment password is reset; twice is fine."""
    if factor not in _FACTORS:
        _FACTORS.append(factor)


def needs_second_factor(user: User) -> bool:
    """Whether a reset asks this person for more than password, ID digits and phone."""
    return any(factor.is_on(user) for factor in _FACTORS)


def code_field(user: User) -> forms.Field:
    """Where this person types the code of the factor that is on."""
    return next(factor.field(user) for factor in _FACTORS if factor.is_on(user))


def ask_for_passkey(request: HttpRequest, user: User, bound_to: str) -> object | None:
    """What the page needs to offer a passkey instead of a code; None for none."""
    asks = (factor.ask(request, user, bound_to) for factor in _FACTORS if factor.is_on(user))
    return next((ask for ask in asks if ask is not None), None)


def take_passkey(request: HttpRequest, user: User, bound_to: str) -> bool:
    """Whether a passkey has answered, for exactly this; raises its Refusal when it is wrong."""
    return any(factor.take(request, user, bound_to) for factor in _FACTORS)


def check_second_factor(*, user: User, code: str, address: str) -> None:
    """Raise the Refusal of the factor that is on unless the code is right."""
    for factor in _FACTORS:
        if factor.is_on(user):
            factor.check(user, code, address)
