"""One order of locks (docs/architecture.md): whoever comes at the same moment waits, and nobody
waits for somebody who waits for them. Without the retries, which would hide it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.changes.models import Change, NotMeWalk
from accounts.changes.services import note_change, stop_everything, undo_change
from accounts.guiding.models import HelperCode
from accounts.guiding.services import make_code
from accounts.identity.vault import encrypt
from accounts.phone_change.models import PhoneChange
from accounts.phone_change.services import carry_out_due, change_phone_by_support
from accounts.recycled import services as recycled
from accounts.recycled.models import NumberClaim
from accounts.security import retries
from accounts.security.models import UserSession
from accounts.security.services import open_session
from accounts.support.services import check_shown_code, open_visit
from accounts.users.models import User
from payments.closing import services as closing
from payments.closing.models import WalletClosing
from payments.safety.services import freeze_by_code, make_freeze_code
from payments.wallets.models import OwnLimits, Wallet
from payments.wallets.own_limits import Wishes, set_own_limits
from tests.cast import PAYMENT_PASSWORD, prove_the_books, wallet_with
from tests.race import one_inside_the_other

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]
NEW = "+8613911112222"
Act = Callable[[], object]


@pytest.fixture(autouse=True)
def no_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock is raised."""
    monkeypatch.setattr(retries, "MOST_TRIES", 1)


def walk_of(user: User) -> NotMeWalk:
    """Somebody has proved to have been told of a change of theirs."""
    return NotMeWalk.objects.create(
        change=note_change(user=user, kind="two_factor.on"),
        phone_encrypted=encrypt(str(user.phone)),
        challenge_id=uuid.uuid4(),
        proved_at=timezone.now(),
        expires_at=timezone.now() + timedelta(minutes=5),
    )


def ask_to_close(user: User) -> None:
    """The day of closing has come."""
    closing.ask_to_close(user=user, raw_payment_password=PAYMENT_PASSWORD, session=None, address="")
    WalletClosing.objects.update(closes_at=timezone.now() - timedelta(seconds=1))


def is_ended(user: User) -> bool:
    return not UserSession.objects.filter(user=user, ended_at=None).exists()


def waiting_change(user: User, phone: str = NEW, token: str = "") -> PhoneChange:
    now = timezone.now()
    return PhoneChange.objects.create(
        user=user,
        session_hash="x",
        new_phone_encrypted=token or encrypt(phone),
        has_old_phone=False,
        state="waiting",
        person_proved_at=now,
        expires_at=now,
        takes_effect_at=now - timedelta(seconds=1),
    )


def claimed(user: User) -> NumberClaim:
    recycled._claim(str(user.phone))
    NumberClaim.objects.filter(user=user).update(frees_at=timezone.now())
    return NumberClaim.objects.get(user=user)


def test_a_number_is_kept_beside_the_sweep_that_frees_it(alice: User) -> None:
    claimed(alice)
    one_inside_the_other(
        lambda: recycled.keep_number(user=alice),
        recycled.free_due,
        after=r'UPDATE "accounts_numberclaim"',
    )
    assert NumberClaim.objects.get().state == "objected"
    assert User.objects.get(pk=alice.pk).has_phone


def test_a_code_for_a_helper_is_made_beside_one_that_is_used(alice: User, olivia: User) -> None:
    session = open_session(user=alice, label="", address="")
    code = make_code(user=alice, session=session, purpose=HelperCode.Purpose.IDENTIFY)
    visit = open_visit(agent=olivia, customer=alice, why="call", reason="cannot pay", address="")
    _used, made = one_inside_the_other(
        lambda: check_shown_code(visit=visit, code=code),
        lambda: make_code(user=alice, session=session, purpose=HelperCode.Purpose.IDENTIFY),
        after=r'UPDATE "accounts_helpercode"',
    )
    assert isinstance(made, str)


@pytest.mark.parametrize("at", [r'UPDATE "accounts_usersession"', r'INSERT INTO "payments_freeze"'])
@pytest.mark.parametrize("who_first", ["stopping", "freezing"])
def test_everything_is_stopped_beside_a_freeze_code(alice: User, at: str, who_first: str) -> None:
    wallet_with(alice)
    code, walk = make_freeze_code(user=alice), walk_of(alice)
    open_session(user=alice, label="", address="")
    acts: list[Act] = [
        lambda: stop_everything(walk=walk, address=""),
        lambda: freeze_by_code(typed=code, address="10.0.0.1"),
    ]
    one_inside_the_other(*(acts if who_first == "stopping" else reversed(acts)), after=at)
    assert is_ended(alice) and Wallet.objects.get(owner=alice).is_frozen


@pytest.mark.parametrize("who_first", ["closing", "stopping"])
def test_a_wallet_closes_beside_somebody_who_stops_everything(alice: User, who_first: str) -> None:
    wallet_with(alice)
    walk = walk_of(alice)
    open_session(user=alice, label="", address="")
    ask_to_close(alice)
    acts: list[Act] = [closing.close_due, lambda: stop_everything(walk=walk, address="")]
    at = r'UPDATE "accounts_usersession"'
    one_inside_the_other(*(acts if who_first == "closing" else reversed(acts)), after=at)
    assert is_ended(alice)
    wallet = Wallet.objects.get(owner=alice)
    assert wallet.is_closed != wallet.is_frozen
    prove_the_books()


@pytest.mark.parametrize("who_first", ["closing", "undoing"])
def test_a_wallet_closes_beside_a_change_that_is_taken_back(alice: User, who_first: str) -> None:
    wallet = wallet_with(alice)
    set_own_limits(wallet=wallet, by=alice, wishes=Wishes(day=100_00))
    set_own_limits(wallet=wallet, by=alice, wishes=Wishes(day=200_00))
    change = Change.objects.get(kind="wallet.limits_raised")
    ask_to_close(alice)
    acts: list[Act] = [closing.close_due, lambda: undo_change(change=change)]
    at = {
        "closing": r'UPDATE "payments_wallet" SET "closed_at"',
        "undoing": r'UPDATE "accounts_change"',
    }
    one_inside_the_other(*(acts if who_first == "closing" else reversed(acts)), after=at[who_first])
    assert Wallet.objects.get(owner=alice).is_closed
    lowered = OwnLimits.objects.filter(wallet=wallet).latest("pk").day_minor == 100_00
    assert lowered == (who_first == "undoing")


@pytest.mark.parametrize("who_first", ["closing", "changing"])
def test_a_wallet_closes_beside_its_owners_change_of_phone(alice: User, who_first: str) -> None:
    wallet_with(alice)
    waiting_change(alice)
    ask_to_close(alice)
    acts: list[Act] = [closing.close_due, carry_out_due]
    at = {"closing": r'UPDATE "accounts_usersession"', "changing": r'UPDATE "accounts_phonechange"'}
    one_inside_the_other(*(acts if who_first == "closing" else reversed(acts)), after=at[who_first])
    person = User.objects.get(pk=alice.pk)
    assert not person.is_active and not person.has_phone
    assert PhoneChange.objects.get().state == ("stopped" if who_first == "closing" else "done")


def test_a_phone_changes_beside_somebody_who_stops_everything(alice: User, olivia: User) -> None:
    walk = walk_of(alice)
    wallet_with(alice)
    open_session(user=alice, label="", address="")
    one_inside_the_other(
        lambda: stop_everything(walk=walk, address=""),
        lambda: change_phone_by_support(user=alice, phone=NEW, actor=olivia),
        after=r'UPDATE "accounts_usersession"',
    )
    assert str(User.objects.get(pk=alice.pk).phone) == NEW


def test_one_bad_row_ends_no_sweep(
    alice: User, bob: User, caplog: pytest.LogCaptureFixture
) -> None:
    waiting_change(bob, token="not a token of ours")
    later = waiting_change(alice)
    PhoneChange.objects.filter(pk=later.pk).update(takes_effect_at=timezone.now())
    assert carry_out_due() == 1
    assert str(User.objects.get(pk=alice.pk).phone) == NEW
    assert "change of phone" in caplog.text


def test_one_bad_claim_keeps_no_other_number(alice: User, bob: User) -> None:
    claimed(bob)
    NumberClaim.objects.filter(user=bob).update(
        phone_encrypted="not a token of ours", frees_at=timezone.now() - timedelta(days=1)
    )
    claimed(alice)
    assert recycled.free_due() == 1
    assert not User.objects.get(pk=alice.pk).has_phone
    assert User.objects.get(pk=bob.pk).has_phone


def test_what_the_database_could_not_put_in_order_is_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retries, "MOST_TRIES", 3)
    done: list[int] = []

    def work() -> int:
        done.append(1)
        if len(done) < 3:
            raise OperationalError from Deadlock()
        return len(done)

    assert retries.in_one_transaction(work) == 3


class Deadlock(Exception):
    sqlstate = "40P01"
