"""Second factors under many hands at once, and under a clock that jumped."""

from __future__ import annotations

import logging
from base64 import b32encode
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.changes.models import Change
from accounts.changes.services import undo_change
from accounts.factors import services
from accounts.factors.errors import FactorClockWrong, FactorWrong
from accounts.factors.models import Authenticator, RecoveryCode
from accounts.factors.removing import switch_off
from accounts.signin.tests.doors import app_code
from accounts.users.models import User
from tests.race import all_at_once, codes_of, one_inside_the_other

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


def enrolled(user: User) -> tuple[str, list[str]]:
    """The app's key and the recovery codes."""
    secret = b32encode(services.begin_enrolment(user=user).key()).decode()
    return secret, services.confirm_enrolment(user=user, code=app_code(secret, -1))


def accepts(user: User, code: str) -> bool:
    try:
        services.verify_second_factor(user=user, code=code)
    except FactorWrong:
        return False
    return True


def live_codes(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def test_codes_renewed_many_times_at_once_are_ten(alice: User) -> None:
    enrolled(alice)
    sets = all_at_once(4, lambda _n: services.renew_recovery_codes(user=alice))
    assert live_codes(alice) == 10
    good = [codes for codes in sets if accepts(alice, codes[0])]  # type: ignore[index]
    assert len(good) == 1


def test_codes_renewed_while_an_app_is_switched_on_are_ten(alice: User) -> None:
    secret = b32encode(services.begin_enrolment(user=alice).key()).decode()
    one_inside_the_other(
        lambda: services.confirm_enrolment(user=alice, code=app_code(secret)),
        lambda: services.renew_recovery_codes(user=alice),
        after=r'INSERT INTO "accounts_recoverycode"',
    )
    assert live_codes(alice) == 10
    assert Authenticator.objects.filter(user=alice, confirmed=True).count() == 1


def test_a_recovery_code_used_while_the_factors_go_does_not_come_back_with_them(
    alice: User,
) -> None:
    _secret, codes = enrolled(alice)
    _off, used = one_inside_the_other(
        lambda: switch_off(user=alice),
        lambda: accepts(alice, codes[0]),
        after=r'SELECT .*"code_hash".* FROM "accounts_recoverycode"',
    )
    undo_change(change=Change.objects.get(kind="two_factor.off"))
    # Once, before or after: never both.
    assert accepts(alice, codes[0]) != used
    assert not accepts(alice, codes[0])
    assert accepts(alice, codes[1])


def test_a_code_of_the_app_used_while_it_goes_does_not_count_again_when_it_is_back(
    alice: User,
) -> None:
    secret, _codes = enrolled(alice)
    code = app_code(secret)
    _off, used = one_inside_the_other(
        lambda: switch_off(user=alice),
        lambda: accepts(alice, code),
        before=r'DELETE FROM "accounts_authenticator"',
    )
    undo_change(change=Change.objects.get(kind="two_factor.off"))
    assert accepts(alice, code) != used
    assert not accepts(alice, code)


def test_two_enrolments_begun_at_once_leave_one_draft(alice: User) -> None:
    all_at_once(4, lambda _n: services.begin_enrolment(user=alice))
    assert Authenticator.objects.filter(user=alice).count() == 1


def test_a_right_code_after_a_clock_that_ran_ahead_is_called_right_and_locks_nobody_out(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    secret, codes = enrolled(alice)
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=True):
        assert accepts(alice, app_code(secret))
    with caplog.at_level(logging.ERROR):
        for _try in range(7):
            with pytest.raises(FactorClockWrong) as refused:
                services.verify_second_factor(user=alice, code=app_code(secret))
    assert "ahead of our clock" in caplog.text and str(alice.phone) not in caplog.text
    hours = refused.value.params["until"]
    assert hours in {
        f"{timezone.localtime(timezone.now() + timedelta(hours=2, seconds=late)):%Y-%m-%d %H:%M}"
        for late in (-60, -30, 0, 30, 60)
    }
    assert services.factor_state(alice).wrong == 0
    # Wrong ones count as ever, and the other ways stay open.
    assert not accepts(alice, "000000")
    assert services.factor_state(alice).wrong == 1
    assert accepts(alice, codes[0])


def test_a_code_that_was_used_is_not_called_right(alice: User) -> None:
    secret, _codes = enrolled(alice)
    code = app_code(secret)
    assert codes_of(
        all_at_once(3, lambda _n: services.verify_second_factor(user=alice, code=code))
    ) == {"": 1, "factor.wrong": 2}
