"""Two walks to another number at once, and one whose browser is signed out meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.changes.models import Change
from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.phone.models import SmsCode
from accounts.phone_change import services
from accounts.phone_change.models import PhoneChange
from accounts.security.errors import BrowserSignedOut
from accounts.security.services import end_sessions, open_session
from accounts.users.models import User
from tests.cast import PAYMENT_PASSWORD, read_code
from tests.race import one_inside_the_other

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]
NUMBERS = ("+8613911110001", "+8613911110002")


def walk_to(user: User, number: str) -> tuple[PhoneChange, str]:
    """A walk without the old phone up to the code that went to the new one."""
    SmsCode.objects.update(created_at=timezone.now() - timedelta(hours=30))
    walk = services.start_phone_change(
        user=user, phone=number, has_old_phone=False, session_key=number, address="10.0.0.1"
    )
    digits = decrypt(Identity.objects.get(user=user).id_number_encrypted)[-6:]
    services.prove_person(
        walk=walk,
        payment_password=PAYMENT_PASSWORD,
        id_digits=digits,
        session_key=number,
        address="10.0.0.1",
    )
    return walk, read_code(number)


def test_of_two_that_begin_to_wait_at_once_the_later_one_waits(alice: User) -> None:
    (first, first_code), (second, second_code) = [walk_to(alice, number) for number in NUMBERS]
    one_inside_the_other(
        lambda: services.prove_new_phone(
            walk=first, code=first_code, session_key=NUMBERS[0], address=""
        ),
        lambda: services.prove_new_phone(
            walk=second, code=second_code, session_key=NUMBERS[1], address=""
        ),
        # It has looked for one that waits, and found none.
        after=r'UPDATE "accounts_phonechange" SET "state" = .*"ended_at"',
    )
    states = {walk.pk: walk.state for walk in PhoneChange.objects.all()}
    assert states == {first.pk: "stopped", second.pk: "waiting"}
    assert Change.objects.filter(kind="phone.change_asked").count() == 2


def test_a_browser_that_is_signed_out_meanwhile_changes_no_number(alice: User) -> None:
    walk, code = walk_to(alice, NUMBERS[0])
    session = open_session(user=alice, label="thief", address="")
    answer, _ended = one_inside_the_other(
        lambda: services.prove_new_phone(
            walk=walk, code=code, session_key=NUMBERS[0], address="", session=session
        ),
        lambda: end_sessions(user=alice, why="not_me"),
        before=r'SELECT .*FROM "accounts_challenge"',
    )
    assert isinstance(answer, BrowserSignedOut)
    assert PhoneChange.objects.get().state == "asking"
