"""Risky changes: told everywhere, taken back once, and stopped by whoever was told."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.changes import services, undoing
from accounts.changes.errors import CannotUndo, WalkExpired
from accounts.changes.models import Change
from accounts.factors.removing import switch_off
from accounts.factors.selectors import count_recovery_codes_left, get_authenticator
from accounts.factors.services import begin_enrolment, confirm_enrolment
from accounts.phone.models import SmsCode
from accounts.phone.states import Asker
from accounts.security.errors import Refusal
from accounts.security.models import SecurityEvent, UserSession
from accounts.signin.tests.doors import app_code, try_password
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, read_code, read_sms
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
OLD_PHONE = "+8613700137000"
KIND = "test.changed"


@pytest.fixture(autouse=True)
def known_kind() -> Iterator[None]:
    undoing.register(kind=KIND, says="As before.", carry_out=_put_back)
    yield
    undoing._UNDOS.pop(KIND)


def _put_back(change: Change, kept: Mapping[str, Any]) -> None:
    if kept.get("fails"):
        raise Refusal("not now", code="test.refused")
    SecurityEvent.objects.create(user=change.user, kind="test.back", details=dict(kept))


def times_undone() -> int:
    return SecurityEvent.objects.filter(kind="test.back").count()


def note(user: User, **more: Any) -> Change:
    return services.note_change(user=user, kind=KIND, undo={"was": "this"}, **more)


def signed_in(user: User) -> tuple[Client, UserSession]:
    client = Client()
    try_password(client, user, LOGIN_PASSWORD)
    return client, UserSession.objects.filter(user=user).latest("pk")


def fresh(session: UserSession) -> None:
    UserSession.objects.filter(pk=session.pk).update(proved_at=timezone.now())


def test_a_change_is_told_to_both_numbers_and_on_every_other_device(alice: User) -> None:
    here, mine = signed_in(alice)
    there, _other = signed_in(alice)
    change = note(alice, session=mine, also_to=OLD_PHONE)
    for phone in (str(alice.phone), OLD_PHONE):
        assert change.number in read_sms(phone)
    assert change.number not in here.get("/home/").content.decode()
    address = f"/security/changes/{change.public_id}/"
    assert address in there.get("/home/").content.decode()
    assert address not in here.get("/home/").content.decode()
    there.post(f"{address}seen/", {"next": "/home/"})
    assert f"{address}seen/" not in there.get("/home/").content.decode()


def test_a_change_is_undone_once_and_ends_the_other_sessions(alice: User) -> None:
    here, mine = signed_in(alice)
    there, _other = signed_in(alice)
    change = note(alice)
    page = f"/security/changes/{change.public_id}/undo/"
    assert here.get(page)["Location"].startswith("/step-up/")
    assert here.post(page)["Location"].startswith("/step-up/")
    assert times_undone() == 0
    fresh(mine)
    assert "As before." in here.get(page).content.decode()
    assert here.post(page).status_code == 302
    assert times_undone() == 1
    assert here.post(page).status_code == 422
    assert times_undone() == 1
    assert there.get("/home/").status_code == 302
    assert here.get("/home/").status_code == 200
    assert SecurityEvent.objects.filter(user=alice, kind="change.undone").count() == 1


def test_a_day_later_it_is_too_late(alice: User) -> None:
    change = note(alice)
    Change.objects.filter(pk=change.pk).update(undo_until=timezone.now() - timedelta(seconds=1))
    change.refresh_from_db()
    with pytest.raises(CannotUndo):
        services.undo_change(change=change)
    assert times_undone() == 0


def test_a_kind_that_nobody_can_undo_is_only_told(alice: User) -> None:
    change = services.note_change(user=alice, kind="test.other", undo={"was": "this"})
    assert not change.may_be_undone
    assert not change.undo_encrypted
    with pytest.raises(CannotUndo):
        services.undo_change(change=change)


def test_a_refusal_while_undoing_leaves_everything_as_it_was(alice: User) -> None:
    change = services.note_change(user=alice, kind=KIND, undo={"fails": True})
    with pytest.raises(Refusal, match=r"test\.refused"):
        services.undo_change(change=change)
    change.refresh_from_db()
    assert change.may_be_undone


@pytest.mark.django_db(transaction=True)
def test_ten_presses_at_once_undo_it_once(alice: User) -> None:
    change = note(alice)
    results = all_at_once(10, lambda _number: services.undo_change(change=change))
    assert codes_of(results) == {"": 1, "change.cannot_undo": 9}
    assert times_undone() == 1


def test_somebody_elses_change_does_not_exist(alice: User, bob: User) -> None:
    change = note(alice)
    theirs, session = signed_in(bob)
    fresh(session)
    for step in ("seen", "undo"):
        answer = theirs.post(f"/security/changes/{change.public_id}/{step}/")
        assert answer.status_code == 404
    assert times_undone() == 0


def walk_to_the_end(number: str, phone: str) -> Client:
    browser = Client()
    answer = browser.post("/not-me/", {"number": number, "phone": phone})
    assert answer["Location"] == "/not-me/code/"
    answer = browser.post("/not-me/code/", {"code": read_code(phone)})
    assert answer["Location"] == "/not-me/act/"
    return browser


def test_without_signing_in_the_old_phone_stops_and_undoes(alice: User) -> None:
    thief, _session = signed_in(alice)
    change = note(alice, also_to=OLD_PHONE)
    SmsCode.objects.all().delete()
    browser = walk_to_the_end(change.number.lower().replace("-", " "), OLD_PHONE)
    assert "As before." in browser.get("/not-me/act/").content.decode()
    assert browser.post("/not-me/undo/").status_code == 302
    assert times_undone() == 1
    assert thief.get("/home/").status_code == 302
    browser.post("/not-me/undo/")
    assert times_undone() == 1


def test_stopping_everything_signs_out_and_freezes(alice: User) -> None:
    thief, _session = signed_in(alice)
    stopped: list[User] = []
    undoing.register_stop(stopped.append)
    try:
        change = note(alice, also_to=OLD_PHONE)
        SmsCode.objects.all().delete()
        walk_to_the_end(change.number, OLD_PHONE).post("/not-me/stop/")
    finally:
        undoing._STOPS.remove(stopped.append)
    assert stopped == [alice]
    assert thief.get("/home/").status_code == 302
    assert times_undone() == 0


def test_every_pair_is_answered_alike_and_no_step_is_skipped(alice: User, bob: User) -> None:
    change = note(alice)
    SmsCode.objects.all().delete()
    pages: list[tuple[int, int]] = []
    for number, phone in ((change.number, str(alice.phone)), (change.number, str(bob.phone)),
                          ("333-33333", str(alice.phone)), (change.number, "13912340000")):  # fmt: skip
        SmsCode.objects.all().delete()
        browser = Client(REMOTE_ADDR=f"10.9.{len(pages)}.1")
        answer = browser.post("/not-me/", {"number": number, "phone": phone})
        assert (answer.status_code, answer["Location"]) == (302, "/not-me/code/")
        page = browser.get("/not-me/code/")
        pages.append((page.status_code, page.content.decode().count("<input")))
        for step in ("act", "undo", "stop"):
            ask = browser.get if step == "act" else browser.post
            assert ask(f"/not-me/{step}/")["Location"] == "/not-me/"
            browser.post("/not-me/", {"number": number, "phone": phone})
        assert browser.post("/not-me/code/", {"code": "000000"}).status_code in {302, 422}
    assert len(set(pages)) == 1
    assert times_undone() == 0


def test_the_text_to_a_number_that_was_not_told_has_no_code(alice: User, bob: User) -> None:
    change = note(alice)
    services.start_walk(
        number=change.number,
        phone=str(bob.phone),
        session_key="s",
        address="10.0.0.9",
        asker=Asker.STRANGER,
    )
    assert SmsCode.objects.filter(phone=str(bob.phone)).latest("pk").message == services.UNKNOWN


@pytest.mark.parametrize(("days", "own", "other"), [(6, 1, 1), (8, 1, 0), (29, 1, 0), (31, 0, 0)])
def test_an_old_text_stops_nothing_and_least_at_a_number_of_the_past(
    alice: User, days: int, own: int, other: int
) -> None:
    """The old number may be a stranger's by then, with the phone and the text on it."""
    change = note(alice, also_to=OLD_PHONE)
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        for phone, stops in ((str(alice.phone), own), (OLD_PHONE, other)):
            walk = services.start_walk(
                number=change.number,
                phone=phone,
                session_key=phone,
                address="10.0.0.9",
                asker=Asker.STRANGER,
            )
            text = SmsCode.objects.filter(phone=phone).latest("pk").message
            assert text == (services.PURPOSE if stops else services.UNKNOWN)
            assert bool(walk.change) == bool(stops)


def test_who_changed_the_number_since_is_an_other_one_at_the_old(alice: User) -> None:
    change, old = note(alice), str(alice.phone)
    User.objects.filter(pk=alice.pk).update(phone=OLD_PHONE)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        walk = services.start_walk(
            number=change.number,
            phone=old,
            session_key="s",
            address="10.0.0.9",
            asker=Asker.STRANGER,
        )
    assert walk.change is None


def test_strangers_who_try_pairs_for_a_number_shut_nobody_with_the_right_one_out(
    alice: User,
) -> None:
    change, phone = note(alice), str(alice.phone)
    SmsCode.objects.all().delete()
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        said = []
        for turn in range(8):
            stranger = Client(REMOTE_ADDR=f"198.51.100.{turn + 1}")
            answer = stranger.post("/not-me/", {"number": "7K3M-94QX", "phone": phone})
            said.append(answer.status_code)
            clock.shift(timedelta(seconds=61))
        # What their tries cost is bounded all the same.
        assert said == [302] * 5 + [429] * 3
        owner = walk_to_the_end(change.number, phone)
        assert owner.get("/not-me/act/").status_code == 200


def test_a_number_told_before_the_index_key_was_turned_over_is_known_after(
    alice: User, settings: Any
) -> None:
    change = note(alice)
    settings.OLD_INDEX_KEYS = [settings.INDEX_KEY]
    settings.INDEX_KEY = "a-newer-index-key-0123456789-0123456789-012345"
    walk = services.start_walk(
        number=change.number,
        phone=str(alice.phone),
        session_key="s",
        address="10.0.0.9",
        asker=Asker.STRANGER,
    )
    assert walk.change == change


def test_a_walk_to_nowhere_acts_on_nothing(alice: User, bob: User) -> None:
    change = note(alice)
    walk = services.start_walk(
        number=change.number,
        phone=str(bob.phone),
        session_key="s",
        address="10.0.0.9",
        asker=Asker.STRANGER,
    )
    for act in (services.undo_by_walk, services.stop_everything):
        with pytest.raises(WalkExpired):
            act(walk=walk, address="")


def test_two_step_sign_in_that_was_switched_off_comes_back(alice: User) -> None:
    draft = begin_enrolment(user=alice)
    codes = confirm_enrolment(user=alice, code=app_code_of(draft))
    switch_off(user=alice)
    assert get_authenticator(alice) is None
    change = Change.objects.get(user=alice, kind="two_factor.off")
    assert codes[0] not in change.undo_encrypted
    services.undo_change(change=change)
    back = get_authenticator(alice)
    assert back is not None
    assert back.key() == draft.key()
    assert count_recovery_codes_left(alice) == 10


def app_code_of(draft: Any) -> str:
    return app_code(b32encode(draft.key()).decode())
