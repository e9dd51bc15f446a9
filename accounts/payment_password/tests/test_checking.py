"""Checking, counting, locking."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from accounts.identity.selectors import personal_facts
from accounts.payment_password import hashing, services
from accounts.payment_password import reset as walks
from accounts.payment_password.errors import (
    PaymentPasswordExists,
    PaymentPasswordKeyGone,
    PaymentPasswordLocked,
    PaymentPasswordMissing,
    PaymentPasswordWeak,
    PaymentPasswordWrong,
    ResetRefused,
)
from accounts.payment_password.models import PaymentPassword
from accounts.payment_password.selectors import payment_password_state
from accounts.security.models import SecurityEvent
from accounts.users.models import User
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    make_customer,
    read_sms,
)
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
WRONG = "580271"


@pytest.fixture
def clock() -> Iterator[Any]:
    """A clock that stands until it is moved."""
    with time_machine.travel(datetime(2026, 11, 23, 4, 0, tzinfo=UTC), tick=False) as clock:
        yield clock


def check(user: User, raw: str = PAYMENT_PASSWORD) -> None:
    """One try."""
    services.check_payment_password(user=user, raw=raw)


def fail(user: User, times: int) -> None:
    """So many wrong tries."""
    for _try in range(times):
        with pytest.raises((PaymentPasswordWrong, PaymentPasswordLocked)):
            check(user, WRONG)


def test_the_right_one_passes_and_clears_the_count(alice: User) -> None:
    fail(alice, 4)
    assert payment_password_state(alice).tries_left == 1
    check(alice)
    assert payment_password_state(alice).tries_left == 5


def test_tries_left_are_told(alice: User) -> None:
    for left in (4, 3, 2, 1):
        with pytest.raises(PaymentPasswordWrong) as wrong:
            check(alice, WRONG)
        assert wrong.value.tries_left == left
    assert "Nothing was charged" in wrong.value.message


def test_the_ladder_gets_steeper_and_ends_in_a_reset(alice: User, clock: Any) -> None:
    fail(alice, 5)
    for wait in (15 * 60, 3600, 24 * 3600, 24 * 3600, 24 * 3600):
        with pytest.raises(PaymentPasswordLocked) as locked:
            check(alice)
        assert locked.value.until is not None
        assert (locked.value.until - datetime.now(UTC)).total_seconds() == wait
        clock.shift(wait - 1)
        with pytest.raises(PaymentPasswordLocked):
            check(alice)
        clock.shift(1)
        fail(alice, 1)
    clock.shift(30 * 86_400)
    with pytest.raises(PaymentPasswordLocked) as locked:
        check(alice)
    assert locked.value.until is None
    assert payment_password_state(alice).reset_only


def test_a_lock_ends_by_itself(alice: User, clock: Any) -> None:
    fail(alice, 5)
    clock.shift(15 * 60)
    check(alice)
    assert payment_password_state(alice).tries_left == 5


def test_while_locked_nothing_is_hashed(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(alice, 5)

    def never(*args: Any, **kwargs: Any) -> bool:
        raise AssertionError("hashed")

    monkeypatch.setattr(services, "opens", never)
    with pytest.raises(PaymentPasswordLocked):
        check(alice)


def test_a_lock_is_an_event_and_a_message(alice: User) -> None:
    fail(alice, 5)
    kinds = list(SecurityEvent.objects.filter(user=alice).values_list("kind", flat=True))
    assert kinds.count("payment_password.wrong") == 5
    assert kinds.count("payment_password.locked") == 1
    assert "payments are paused" in read_sms(str(alice.phone))


def test_locks_of_one_person_do_not_touch_another(alice: User, bob: User) -> None:
    fail(alice, 5)
    check(bob)


def test_support_ends_a_lock_but_gives_no_tries_back(alice: User, bob: User) -> None:
    fail(alice, 5)
    services.unlock_payment_password(user=alice, by=bob, reason="called, ID checked")
    assert payment_password_state(alice).tries_left == 5
    fail(alice, 5)
    assert payment_password_state(alice).reset_only
    with pytest.raises(PaymentPasswordLocked):
        services.unlock_payment_password(user=alice, by=bob, reason="again")
    event = SecurityEvent.objects.get(kind="payment_password.unlocked")
    assert event.actor == bob


def test_changing_needs_the_old_one_and_counts_on_the_same_ladder(alice: User) -> None:
    for _try in range(4):
        with pytest.raises(PaymentPasswordWrong):
            services.change_payment_password(user=alice, old=WRONG, new=OTHER_PAYMENT_PASSWORD)
    with pytest.raises(PaymentPasswordLocked):
        check(alice, WRONG)
    with pytest.raises(PaymentPasswordLocked):
        services.change_payment_password(
            user=alice, old=PAYMENT_PASSWORD, new=OTHER_PAYMENT_PASSWORD
        )


def test_the_last_five_may_not_come_back(alice: User) -> None:
    used = [PAYMENT_PASSWORD, "402867", "518273", "648917", "285036"]
    for old, new in pairwise(used):
        services.change_payment_password(user=alice, old=old, new=new)
    for pin in used:
        with pytest.raises(PaymentPasswordWeak) as weak:
            services.change_payment_password(user=alice, old=used[-1], new=pin)
        assert weak.value.why == "used"
    services.change_payment_password(user=alice, old=used[-1], new="973158")
    services.change_payment_password(user=alice, old="973158", new=PAYMENT_PASSWORD)


def test_personal_digits_and_the_login_password_are_refused(alice: User) -> None:
    with pytest.raises(PaymentPasswordWeak) as weak:
        services.change_payment_password(
            user=alice, old=PAYMENT_PASSWORD, new=str(alice.phone)[-6:]
        )
    assert weak.value.why == "personal"
    alice.set_password(OTHER_PAYMENT_PASSWORD)
    alice.save()
    with pytest.raises(PaymentPasswordWeak) as weak:
        services.change_payment_password(
            user=alice, old=PAYMENT_PASSWORD, new=OTHER_PAYMENT_PASSWORD
        )
    assert weak.value.why == "login"


def test_a_second_first_one_is_refused(alice: User) -> None:
    with pytest.raises(PaymentPasswordExists):
        services.set_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)
    check(alice)


def test_somebody_without_one_is_told_so() -> None:
    user = User.objects.create_user("+8613900139000", "a quiet river 27")
    with pytest.raises(PaymentPasswordMissing):
        check(user)
    assert not payment_password_state(user).is_set


def test_equal_digits_of_two_people_are_stored_differently(alice: User, bob: User) -> None:
    rows = PaymentPassword.objects.values_list("hash", flat=True)
    assert len(set(rows)) == 2
    row = PaymentPassword.objects.get(user=alice)
    PaymentPassword.objects.filter(user=bob).update(hash=row.hash)
    with pytest.raises(PaymentPasswordWrong):
        check(bob)


def test_a_key_is_rotated_at_the_next_success(alice: User, settings: Any) -> None:
    old = settings.PAYMENT_PASSWORD_KEYS
    settings.PAYMENT_PASSWORD_KEYS = ["a new key", *old]
    check(alice)
    settings.PAYMENT_PASSWORD_KEYS = ["a new key"]
    check(alice)
    settings.PAYMENT_PASSWORD_KEYS = old
    with pytest.raises(PaymentPasswordKeyGone):
        check(alice)


def test_of_a_key_that_is_gone_only_a_reset_helps_and_nothing_is_counted(
    alice: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    old = settings.PAYMENT_PASSWORD_KEYS
    settings.PAYMENT_PASSWORD_KEYS = ["a new key"]
    for raw in (PAYMENT_PASSWORD, WRONG):
        with pytest.raises(PaymentPasswordLocked) as refused:
            check(alice, raw)
        assert refused.value.until is None
        assert "can no longer be checked" in refused.value.message
    state = payment_password_state(alice)
    assert state.reset_only and state.is_key_gone
    assert "is in no list" in caplog.text
    # Support cannot end what no lock is, and the key may come back out of the safe.
    with pytest.raises(PaymentPasswordLocked):
        services.unlock_payment_password(user=alice, by=alice, reason="called")
    settings.PAYMENT_PASSWORD_KEYS = ["a new key", *old]
    check(alice)


def test_what_was_used_before_turns_over_with_the_one_in_use(alice: User, settings: Any) -> None:
    settings.PAYMENT_PASSWORD_KEYS = ["a new key", *settings.PAYMENT_PASSWORD_KEYS]
    check(alice)
    settings.PAYMENT_PASSWORD_KEYS = ["a new key"]
    with pytest.raises(PaymentPasswordWeak) as weak:
        services.change_payment_password(user=alice, old=PAYMENT_PASSWORD, new=PAYMENT_PASSWORD)
    assert weak.value.why == "used"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_reset_hashes_before_it_holds_the_lock(
    monkeypatch: pytest.MonkeyPatch, is_first: bool
) -> None:
    user = make_customer()
    if is_first:
        PaymentPassword.objects.filter(user=user).delete()
    walk = walks.start_reset(
        user=user,
        login_password=LOGIN_PASSWORD,
        id_digits=personal_facts(user)[1][-6:],  # type: ignore[index]
        session_key="s",
        address="",
    )
    walk.phone_proved_at = walk.created_at
    walk.save()
    hashed_inside: list[bool] = []

    def noted(real: Any) -> Any:
        def act(*args: Any, **kwargs: Any) -> Any:
            hashed_inside.append(connection.in_atomic_block)
            return real(*args, **kwargs)

        return act

    for name in ("opens", "seal"):
        monkeypatch.setattr(services, name, noted(getattr(services, name)))
    walks.finish_reset(reset=walk, new=OTHER_PAYMENT_PASSWORD)
    assert hashed_inside and not any(hashed_inside)
    check(user, OTHER_PAYMENT_PASSWORD)
    # Used up: nothing is hashed for it any more.
    hashed_inside.clear()
    with pytest.raises(ResetRefused):
        walks.finish_reset(reset=walk, new="518273")
    assert not hashed_inside


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_run_inside_another_transaction() -> None:
    user = make_customer()
    with transaction.atomic(), pytest.raises(RuntimeError):
        check(user)


@pytest.mark.django_db(transaction=True)
def test_of_forty_wrong_tries_at_once_five_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_customer()
    looked: list[str] = []
    real = hashing.opens

    def counted(*args: Any, **kwargs: Any) -> bool:
        looked.append("")
        return real(*args, **kwargs)

    monkeypatch.setattr(services, "opens", counted)
    results = all_at_once(40, lambda _number: check(user, WRONG))
    assert codes_of(results) == {"payment_password.wrong": 4, "payment_password.locked": 36}
    assert len(looked) == 5
    assert codes_of(all_at_once(1, lambda _number: check(user))) == {"payment_password.locked": 1}


@pytest.mark.django_db(transaction=True)
def test_twenty_right_ones_at_once_all_pass() -> None:
    user = make_customer()
    assert codes_of(all_at_once(20, lambda _number: check(user))) == {"": 20}
