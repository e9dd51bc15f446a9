"""Two who want a password of the same person at once: who proved it last against what holds now,
and nobody with what held before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.phone.models import SmsCode
from accounts.phone.states import Asker
from accounts.phone_change.services import change_phone_by_support
from accounts.security.models import UserSession
from accounts.security.services import end_sessions
from accounts.signin import recovery as walks
from accounts.signin.errors import SignInExpired
from accounts.signin.models import LoginRecovery
from accounts.signin.selectors import find_recovery
from accounts.signin.services import reset_login_password
from accounts.signin.tests.doors import try_password
from accounts.users.hashers import WalletArgon2PasswordHasher
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, make_staff, read_code
from tests.race import all_at_once, codes_of, one_inside_the_other

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]
OWNERS, THIEFS = "the owners new words 1", "the thiefs new words 1"
CHANGE = "/security/login-password/"
# The last statement of looking at the old password.
LOOKED = r'UPDATE "accounts_tries" SET "wrong"'


def digits_of(user: User) -> str:
    return decrypt(Identity.objects.get(user=user).id_number_encrypted)[-6:]


def proved(user: User, browser: str, **given: str) -> LoginRecovery:
    """A walk up to the new password."""
    SmsCode.objects.update(created_at=timezone.now() - timedelta(hours=30))
    walk = walks.start_recovery(
        phone=str(user.phone), session_key=browser, address="10.0.0.1", asker=Asker.STRANGER
    )
    walks.prove_phone(recovery=walk, code=read_code(str(user.phone)), session_key=browser)
    digits = digits_of(user) if Identity.objects.filter(user=user).exists() else ""
    if walk.identity_proved_at is None:
        walks.prove_identity(recovery=walk, digits=digits, address="10.0.0.1", **given)
    return LoginRecovery.objects.get(pk=walk.pk)


def finish(walk: LoginRecovery, new: str) -> None:
    walks.finish_recovery(recovery=walk, new=new, address="10.0.0.1")


def holds(user: User, password: str) -> bool:
    return User.objects.get(pk=user.pk).check_password(password)


def signed_in(user: User) -> Client:
    client = Client()
    try_password(client, user, LOGIN_PASSWORD)
    UserSession.objects.filter(user=user, ended_at=None).update(proved_at=timezone.now())
    return client


def test_a_proved_walk_is_over_when_another_one_has_set_a_password(alice: User) -> None:
    thief, owner = proved(alice, "thief"), proved(alice, "owner")
    finish(owner, OWNERS)
    assert find_recovery(thief.public_id) is None
    assert not LoginRecovery.objects.filter(used_at=None).exists()
    # Also for a request that had found it before.
    with pytest.raises(SignInExpired):
        finish(thief, THIEFS)
    assert holds(alice, OWNERS)


def test_of_two_proved_walks_at_once_one_sets_a_password(alice: User) -> None:
    both = [proved(alice, "thief"), proved(alice, "owner")]
    new = [THIEFS, OWNERS]
    results = all_at_once(2, lambda number: finish(both[number], new[number]))
    assert codes_of(results) == {"": 1, "login.expired": 1}
    assert holds(alice, new[results.index(None)])


def test_a_password_changed_by_its_owner_ends_the_walk(alice: User) -> None:
    walk = proved(alice, "thief")
    answer = signed_in(alice).post(CHANGE, {"old": LOGIN_PASSWORD, "new": OWNERS, "again": OWNERS})
    assert answer.status_code == 302
    with pytest.raises(SignInExpired):
        finish(walk, THIEFS)
    assert holds(alice, OWNERS)


def test_another_number_ends_the_walk_and_coming_back_to_it_asks_for_more(alice: User) -> None:
    walk, old = proved(alice, "thief"), str(alice.phone)
    staff = make_staff("Support lead")
    change_phone_by_support(user=alice, phone="+8613911112222", actor=staff)
    assert find_recovery(walk.public_id) is None
    with pytest.raises(SignInExpired):
        finish(walk, THIEFS)
    # Back at the number of the walk: a day long it takes the payment password as well.
    LoginRecovery.objects.update(used_at=None)
    change_phone_by_support(user=alice, phone=old, actor=staff)
    with pytest.raises(SignInExpired):
        finish(LoginRecovery.objects.get(pk=walk.pk), THIEFS)
    assert holds(alice, LOGIN_PASSWORD)
    alice.refresh_from_db()
    finish(proved(alice, "owner", payment_password=PAYMENT_PASSWORD), OWNERS)
    assert holds(alice, OWNERS)


def test_who_has_left_gets_no_password(alice: User) -> None:
    walk = proved(alice, "thief")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(SignInExpired):
        finish(walk, THIEFS)


def reset(user: User) -> None:
    reset_login_password(user=user, hashed=make_password(OWNERS), address="")


def set_by_hand(user: User) -> None:
    """As an administrator may, without signing anybody out."""
    User.objects.filter(pk=user.pk).update(password=make_password(OWNERS))


@pytest.mark.parametrize("set_another", [reset, set_by_hand])
def test_an_old_password_that_was_right_does_not_beat_one_that_was_set_meanwhile(
    alice: User, set_another: Callable[[User], None]
) -> None:
    thief = signed_in(alice)
    fields = {"old": LOGIN_PASSWORD, "new": THIEFS, "again": THIEFS}
    answer, _set = one_inside_the_other(
        lambda: thief.post(CHANGE, fields).status_code, lambda: set_another(alice), after=LOOKED
    )
    assert answer == 422
    assert holds(alice, OWNERS)


def test_a_browser_that_was_signed_out_meanwhile_changes_no_password(alice: User) -> None:
    thief = signed_in(alice)
    fields = {"old": LOGIN_PASSWORD, "new": THIEFS, "again": THIEFS}
    answer, _ended = one_inside_the_other(
        lambda: thief.post(CHANGE, fields).status_code,
        lambda: end_sessions(user=alice, why="signed_out_elsewhere"),
        after=LOOKED,
    )
    assert answer == 422
    assert holds(alice, LOGIN_PASSWORD)


def test_a_dearer_hash_of_the_old_password_does_not_replace_a_new_one(alice: User) -> None:
    """Looking at a password makes its hash anew when the price of hashes has changed."""
    dear = WalletArgon2PasswordHasher().encode(LOGIN_PASSWORD, "some salt of it")
    User.objects.filter(pk=alice.pk).update(password=dear)
    stale = User.objects.get(pk=alice.pk)
    User.objects.filter(pk=alice.pk).update(password=make_password(OWNERS))
    assert stale.check_password(LOGIN_PASSWORD)
    assert holds(alice, OWNERS)
    # And where nothing else was set, it is replaced.
    User.objects.filter(pk=alice.pk).update(password=dear)
    assert holds(alice, LOGIN_PASSWORD)
    assert User.objects.get(pk=alice.pk).password != dear
