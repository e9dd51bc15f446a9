"""Whoever opens a wallet again meets their old locks; whoever only has the number meets them for a
while."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.caution.selectors import caution_of
from accounts.caution.services import begin_caution
from accounts.closing.models import FormerCustomer
from accounts.closing.services import let_go
from accounts.identity.services import add_identity
from accounts.payment_password.models import PaymentPassword
from accounts.payment_password.selectors import payment_password_state
from accounts.payment_password.services import reset_payment_password, seal_new
from accounts.security.models import SecurityEvent
from accounts.users.models import User
from tests.cast import OTHER_PAYMENT_PASSWORD, make_customer, make_id_number, make_phone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


def leave(user: User, **ladder: object) -> None:
    """Close, with the ladder of the payment password where it is put."""
    if ladder:
        PaymentPassword.objects.filter(user=user).update(**ladder)
    let_go(user=User.objects.get(pk=user.pk))


def leave_locked(user: User) -> None:
    leave(user, wrong_in_row=9, wrong_since_success=10, is_reset_only=True)


def is_locked(user: User) -> bool:
    return payment_password_state(user).reset_only


@pytest.mark.parametrize("is_given_before", [True, False])
@pytest.mark.parametrize("is_given_after", [True, False])
def test_the_same_phone_is_known_again_unless_two_id_numbers_differ(
    is_given_before: bool, is_given_after: bool
) -> None:
    phone = make_phone()
    first = make_customer(phone=phone, id_number=make_id_number() if is_given_before else "")
    begin_caution(user=first, why="phone_changed", seconds=9 * 86_400)
    leave_locked(first)
    again = make_customer(phone=phone, id_number=make_id_number() if is_given_after else "")
    are_told_apart = is_given_before and is_given_after
    assert is_locked(again) is not are_told_apart
    assert (caution_of(again) is None) is are_told_apart


def test_the_number_alone_tells_for_a_while_and_the_id_number_for_good() -> None:
    phone, number = make_phone(), make_id_number()
    leave_locked(make_customer(phone=phone, id_number=number))
    with time_machine.travel(timezone.now() + timedelta(days=89)):
        stranger = make_customer(phone=phone, id_number="")
        assert is_locked(stranger)
        leave(stranger, wrong_in_row=0, wrong_since_success=0, is_reset_only=False)
    with time_machine.travel(timezone.now() + timedelta(days=900)):
        other = make_customer(phone=phone, id_number="")
        assert not is_locked(other)
        assert payment_password_state(other).tries_left == 5
        # The number was somebody else's meanwhile: what was against its owner stays theirs.
        assert is_locked(make_customer(id_number=number))


def test_of_several_wallets_left_behind_the_strictest_counts() -> None:
    phone, number = make_phone(), make_id_number()
    until = timezone.now() + timedelta(hours=3)
    leave(make_customer(id_number=number), wrong_in_row=5, locked_until=until)
    leave(make_customer(phone=phone, id_number=""), wrong_in_row=3, wrong_since_success=8)
    again = make_customer(phone=phone, id_number=number)
    row = PaymentPassword.objects.get(user=again)
    assert (row.wrong_in_row, row.wrong_since_success, row.locked_until) == (5, 8, until)


def test_what_was_taken_up_and_settled_does_not_come_back() -> None:
    phone, number = make_phone(), make_id_number()
    leave_locked(make_customer(phone=phone, id_number=""))
    second = make_customer(phone=phone, id_number="")
    assert is_locked(second)
    reset_payment_password(user=second, sealed=seal_new(user=second, raw=OTHER_PAYMENT_PASSWORD))
    # Neither when the ID number comes, nor after leaving and coming back.
    add_identity(user=second, name="陈思远", id_number=number)
    assert not is_locked(second)
    leave(second)
    third = make_customer(phone=phone, id_number=number)
    assert not is_locked(third)
    assert SecurityEvent.objects.filter(user=third, kind="wallet.opened_again").count() == 1


def test_what_somebody_else_took_up_by_the_number_is_still_against_its_owner() -> None:
    phone, number = make_phone(), make_id_number()
    leave_locked(make_customer(phone=phone, id_number=number))
    assert is_locked(make_customer(phone=phone, id_number=""))
    assert is_locked(make_customer(id_number=number))


def test_a_number_that_comes_later_is_not_held_against_who_is_here() -> None:
    phone = make_phone()
    here = make_customer(id_number="")
    leave_locked(make_customer(phone=phone, id_number=""))
    User.objects.filter(pk=here.pk).update(phone=phone)
    add_identity(user=User.objects.get(pk=here.pk), name="陈思远", id_number=make_id_number())
    assert not is_locked(here)
    assert FormerCustomer.objects.get().taken_up_by is None
