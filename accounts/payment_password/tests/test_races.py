"""Two who want a payment password of the same person at once, and clocks that jump."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.payment_password import outgrown, services
from accounts.payment_password import reset as walks
from accounts.payment_password.errors import PaymentPasswordLocked, PaymentPasswordWrong
from accounts.payment_password.models import PaymentPassword, PaymentPasswordReset
from accounts.payment_password.selectors import payment_password_state
from accounts.phone.models import SmsCode
from accounts.phone_change.services import change_phone_by_support
from accounts.security.errors import BrowserSignedOut
from accounts.security.services import end_sessions, open_session
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, OTHER_PAYMENT_PASSWORD, PAYMENT_PASSWORD, read_code
from tests.race import all_at_once, codes_of, one_inside_the_other

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]
OWNERS = "618273"
# Read between looking at the old one and writing the new one.
LOOKED = r'FROM "accounts_usedpaymentpassword"'


def is_right(user: User, raw: str) -> bool:
    try:
        services.check_payment_password(user=user, raw=raw)
    except PaymentPasswordWrong:
        return False
    return True


def proved(user: User, browser: str) -> PaymentPasswordReset:
    """A reset up to the new one."""
    SmsCode.objects.update(created_at=timezone.now() - timedelta(hours=30))
    digits = decrypt(Identity.objects.get(user=user).id_number_encrypted)[-6:]
    walk = walks.start_reset(
        user=user, login_password=LOGIN_PASSWORD, id_digits=digits, session_key=browser, address=""
    )
    walks.send_reset_code(reset=walk, session_key=browser, address="10.0.0.1")
    walks.prove_phone(reset=walk, code=read_code(str(user.phone)), session_key=browser)
    return PaymentPasswordReset.objects.get(pk=walk.pk)


def test_an_old_one_that_was_right_does_not_beat_a_reset_made_meanwhile(alice: User) -> None:
    answer, _reset = one_inside_the_other(
        lambda: services.change_payment_password(
            user=alice, old=PAYMENT_PASSWORD, new=OTHER_PAYMENT_PASSWORD
        ),
        lambda: services.reset_payment_password(
            user=alice, sealed=services.seal_new(user=alice, raw=OWNERS)
        ),
        after=LOOKED,
    )
    assert isinstance(answer, PaymentPasswordWrong)
    assert is_right(alice, OWNERS)


def test_a_browser_that_was_signed_out_meanwhile_changes_nothing(alice: User) -> None:
    session = open_session(user=alice, label="thief", address="")
    answer, _ended = one_inside_the_other(
        lambda: services.change_payment_password(
            user=alice, old=PAYMENT_PASSWORD, new=OTHER_PAYMENT_PASSWORD, session=session
        ),
        lambda: end_sessions(user=alice, why="not_me"),
        after=LOOKED,
    )
    assert isinstance(answer, BrowserSignedOut)
    walk = proved(alice, "thief")
    with pytest.raises(BrowserSignedOut):
        walks.finish_reset(reset=walk, new=OWNERS, session=session)
    assert is_right(alice, PAYMENT_PASSWORD)


def test_of_two_proved_resets_one_sets_a_new_one(alice: User) -> None:
    both, new = [proved(alice, "thief"), proved(alice, "owner")], [OTHER_PAYMENT_PASSWORD, OWNERS]
    results = all_at_once(2, lambda number: walks.finish_reset(reset=both[number], new=new[number]))
    assert codes_of(results) == {"": 1, "payment_password.reset_wrong": 1}
    assert is_right(alice, new[results.index(None)])


def test_a_change_ends_a_reset_that_somebody_has_proved(alice: User) -> None:
    walk = proved(alice, "thief")
    services.change_payment_password(user=alice, old=PAYMENT_PASSWORD, new=OWNERS)
    assert codes_of(
        all_at_once(1, lambda _n: walks.finish_reset(reset=walk, new=OTHER_PAYMENT_PASSWORD))
    ) == {"payment_password.reset_wrong": 1}
    assert is_right(alice, OWNERS)


def test_what_a_process_had_no_time_to_look_at_is_looked_at_by_the_sweep(
    alice: User, olivia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*, user: User) -> bool:
        raise SystemError

    with monkeypatch.context() as patch:
        patch.setattr(outgrown, "look_again", dies)
        change_phone_by_support(user=alice, phone=f"+86139{11:02d}{PAYMENT_PASSWORD}", actor=olivia)
    assert not payment_password_state(alice).is_outgrown
    assert outgrown.look_again_due() == 1
    assert payment_password_state(alice).is_outgrown
    assert outgrown.look_again_due() == 0


def test_one_that_was_replaced_while_it_was_looked_at_is_looked_at_again(alice: User) -> None:
    PaymentPassword.objects.filter(user=alice).update(look_again_at=timezone.now())
    one_inside_the_other(
        outgrown.look_again_due,
        lambda: services.reset_payment_password(
            user=alice, sealed=services.seal_new(user=alice, raw=OWNERS)
        ),
        before=r'UPDATE "accounts_paymentpassword" SET "is_outgrown"',
    )
    assert PaymentPassword.objects.get(user=alice).look_again_at is not None
    assert outgrown.look_again_due() == 1
    assert PaymentPassword.objects.get(user=alice).look_again_at is None


def test_one_that_cannot_be_looked_at_stops_none_behind_it(alice: User, bob: User) -> None:
    now = timezone.now()
    PaymentPassword.objects.filter(user=alice).update(look_again_at=now, key_id="nobody's")
    PaymentPassword.objects.filter(user=bob).update(look_again_at=now + timedelta(seconds=1))
    outgrown.look_again_due()
    assert PaymentPassword.objects.get(user=bob).look_again_at is None


def test_a_lock_of_a_clock_that_ran_ahead_lasts_no_longer_than_its_step(alice: User) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=True):
        for _try in range(5):
            with pytest.raises((PaymentPasswordWrong, PaymentPasswordLocked)):
                services.check_payment_password(user=alice, raw="111111")
    quarter = timedelta(minutes=15)
    until = payment_password_state(alice).locked_until
    assert until is not None and until <= timezone.now() + quarter
    with pytest.raises(PaymentPasswordLocked):
        services.check_payment_password(user=alice, raw=PAYMENT_PASSWORD)
    assert services.settle_locks() == 1
    assert services.settle_locks() == 0
    with time_machine.travel(timezone.now() + quarter, tick=True):
        services.check_payment_password(user=alice, raw=PAYMENT_PASSWORD)


def test_a_lock_of_a_right_clock_is_left_alone(alice: User) -> None:
    for _try in range(7):
        PaymentPassword.objects.filter(user=alice).update(locked_until=None)
        with pytest.raises((PaymentPasswordWrong, PaymentPasswordLocked)):
            services.check_payment_password(user=alice, raw="111111")
    day = PaymentPassword.objects.get(user=alice).locked_until
    assert day is not None and day > timezone.now() + timedelta(hours=23)
    assert services.settle_locks() == 0
    assert payment_password_state(alice).locked_until == day
