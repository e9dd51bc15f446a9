"""Strangers, the owner's own browsers and support: each is counted apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts.phone.askers import asker_of
from accounts.phone.errors import CodeDead, CodeStopped, CodesUnavailable, CodeWrong
from accounts.phone.models import SmsAlarm, SmsCode
from accounts.phone.selectors import code_status
from accounts.phone.services import resend_code, send_notice, send_notice_to
from accounts.phone.states import Asker
from accounts.phone.tests.asking import PHONE, answer, ask, other_than
from accounts.security.checks import rate_limits_make_sense
from accounts.security.devices import forget_device, list_devices_for
from accounts.security.models import SecurityEvent
from accounts.signin.tests.doors import try_password
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, read_code, read_sms
from tests.limits import with_limits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
Clock = Any
KINDS = list(Asker)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands until it is moved."""
    with time_machine.travel(datetime(2026, 11, 23, 4, 0, tzinfo=UTC), tick=False) as clock:
        yield clock


def guess_until_stopped(clock: Clock, asker: Asker, purpose: str = "card_link") -> None:
    """Ten wrong codes of one kind of asker, from a session of its own."""
    for _round in range(2):
        challenge = ask(asker=asker, purpose=purpose, session_key="guesser", address="")
        for _wrong in range(5):
            with pytest.raises((CodeWrong, CodeDead)):
                answer(challenge, other_than(read_code(PHONE)), session_key="guesser")
        clock.shift(61)
    with pytest.raises(CodeStopped) as stopped:
        ask(asker=asker, purpose="another", session_key="guesser", address="")
    assert stopped.value.because == "wrong"
    assert stopped.value.is_for_strangers == (asker == Asker.STRANGER)


@pytest.mark.parametrize("guesser", KINDS)
def test_wrong_codes_stop_only_the_kind_of_asker_that_typed_them(
    clock: Clock, guesser: Asker
) -> None:
    others = [kind for kind in KINDS if kind != guesser]
    waiting = {}
    for kind in others:
        waiting[kind] = (
            ask(asker=kind, purpose=kind.value, session_key=kind.value),
            read_code(PHONE),
        )
    guess_until_stopped(clock, guesser)
    for kind, (challenge, code) in waiting.items():
        assert answer(challenge, code, session_key=kind.value).consumed_at is not None
        ask(asker=kind, purpose="one_more", session_key=kind.value)


def test_codes_that_strangers_ask_for_leave_the_owner_the_whole_count(clock: Clock) -> None:
    """Each kind gets the five an hour and ten a day of the table, and no more."""
    sent: dict[Asker, list[int]] = {kind: [] for kind in KINDS}
    for minute in range(3 * 60):
        for kind in KINDS:
            try:
                ask(asker=kind, address="", session_key=kind.value)
                sent[kind].append(minute)
            except CodeStopped:
                pass
        clock.shift(60)
    assert set(map(tuple, sent.values())) == {(0, 1, 2, 3, 4, 60, 61, 62, 63, 64)}


def test_strangers_cannot_use_up_the_codes_of_a_day(clock: Clock, settings: Any) -> None:
    strangers = dict(settings.RATE_LIMITS["sms.code"]["stranger"])
    assert strangers == {30: 86_400}
    for number in range(30):
        ask(purpose=f"purpose_{number}", address="")
    with pytest.raises(CodeStopped) as stopped:
        ask(purpose="one_more", address="")
    assert stopped.value.is_for_strangers
    for number in range(10):
        ask(purpose=f"own_{number}", address="", asker=Asker.OWN)
    with pytest.raises(CodeStopped) as stopped:
        ask(purpose="own_one_more", address="", asker=Asker.OWN)
    assert not stopped.value.is_for_strangers


def test_a_table_that_leaves_the_owner_no_codes_is_refused(settings: Any) -> None:
    with_limits(settings, "sms.code", number=[(30, 86_400)])
    assert [each.id for each in rate_limits_make_sense(None)] == ["accounts.E120"]
    with_limits(settings, "sms.code", number=[(20, 86_400)], stranger=[(15, 86_400)])
    assert rate_limits_make_sense(None) == []


def test_an_address_is_one_whoever_asks(settings: Any) -> None:
    with_limits(settings, "sms.code", address=[(2, 3600)])
    ask(asker=Asker.OWN)
    ask(asker=Asker.STRANGER)
    with pytest.raises(CodeStopped) as stopped:
        ask(asker=Asker.OWN, purpose="another")
    assert stopped.value.because == "address"


def test_a_resent_code_is_counted_where_the_first_was(clock: Clock) -> None:
    challenge = ask(asker=Asker.OWN)
    for _minute in range(3):
        clock.shift(61)
        resend_code(challenge_id=challenge.public_id, session_key="session-a", address="")
    assert set(SmsCode.objects.values_list("asker", flat=True)) == {"own"}
    assert code_status(challenge).sent_this_hour == 4
    code = read_code(PHONE)
    theirs = ask(session_key="session-b", address="")
    assert code_status(theirs).sent_this_hour == 1
    answer(challenge, code)


@pytest.mark.django_db(transaction=True)
def test_an_alarm_stops_strangers_and_no_owner(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with_limits(settings, "sms.pumping", prefix=[(3, 3600)], country=[(4, 3600)], all=[(4, 3600)])
    for number in range(3):
        ask(phone=f"+861380013602{number}", address=f"192.0.{number}.1")
    with pytest.raises(CodesUnavailable):
        ask(phone=PHONE, address="192.0.77.1", purpose="login_reset")
    for number, kind in enumerate((Asker.OWN, Asker.DESK)):
        ask(phone=f"+861380013603{number}", address="192.0.78.1", asker=kind)
    # Theirs are seen too: they raise the alarms that stop strangers from now on.
    assert set(SmsAlarm.objects.values_list("kind", flat=True)) == {"prefix", "country", "all"}
    with pytest.raises(CodesUnavailable):
        ask(phone="+8613911110000", address="192.0.79.1")
    ask(phone="+8613911110000", address="192.0.79.1", asker=Asker.OWN)
    assert SmsAlarm.objects.count() == 3
    assert caplog.text.count("SMS alarm") == 3


def test_too_many_for_the_installation_stop_strangers_alone(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with_limits(settings, "sms.code", installation=[(2, 3600)])
    ask(asker=Asker.OWN)
    ask()
    with pytest.raises(CodesUnavailable):
        ask(phone="+8613700135566")
    ask(phone="+8613700135566", asker=Asker.OWN)
    assert caplog.text.count("pumping") == 2


def test_no_code_of_anybody_keeps_a_notice_away(alice: User) -> None:
    phone = str(alice.phone)
    for number in range(40):
        kind = Asker.STRANGER if number < 30 else Asker.OWN
        ask(phone=phone, purpose=f"purpose_{number}", address="", asker=kind)
    send_notice(user=alice, message="wallet_frozen")
    assert "frozen" in read_sms(phone)


def test_many_notices_of_one_kind_keep_no_other_away_and_those_dropped_are_events(
    alice: User, settings: Any
) -> None:
    with_limits(settings, "sms.notice", notice=[(3, 3600)])
    phone = str(alice.phone)

    def tell(kind: str, message: str = "risky_change") -> None:
        params = {"number": "7K3M-94QX", "kind": kind}
        send_notice(user=alice, message=message, params=params)

    def dropped() -> list[dict[str, Any]]:
        found = SecurityEvent.objects.filter(user=alice, kind="phone.notice_stopped")
        return [event.details for event in found.order_by("pk")]

    for _time in range(3):
        tell("card.removed")
    assert dropped() == []
    tell("card.removed")
    assert dropped() == [{"what": "risky_change|card.removed"}]
    tell("passkey.added")
    send_notice(user=alice, message="wallet_frozen")
    assert SmsCode.objects.filter(phone=phone).count() == 5
    for _time in range(3):
        send_notice_to(phone=PHONE[:-1] + "9", message="wallet_frozen", about=alice)
    assert len(dropped()) == 1
    send_notice_to(phone=PHONE[:-1] + "9", message="wallet_frozen", about=alice)
    assert dropped()[1:] == [{"what": "wallet_frozen|"}]
    # Of somebody whom nobody knows there is no centre to show it in.
    send_notice_to(phone=PHONE[:-1] + "9", message="wallet_frozen")
    assert len(dropped()) == 2


def test_a_dropped_notice_reads_in_plain_words_in_the_centre(client: Client, alice: User) -> None:
    for _time in range(21):
        send_notice(user=alice, message="wallet_frozen")
    try_password(client, alice, LOGIN_PASSWORD)
    page = client.get("/security/log/", headers={"accept-language": "en"}).content.decode()
    assert "A text message to you was not sent" in page


def test_own_is_who_is_signed_in_and_every_browser_that_was(alice: User, bob: User) -> None:
    phone = str(alice.phone)
    browser = Client()
    assert _asker(browser, phone) == Asker.STRANGER
    try_password(browser, alice, LOGIN_PASSWORD)
    browser.get("/home/")
    assert _asker(browser, phone, alice) == _asker(browser, phone) == Asker.OWN
    # Of others it says nothing, whoever is signed in, nor of numbers that nobody has.
    for number in (str(bob.phone), "+8613700137000"):
        assert _asker(browser, number, alice) == _asker(browser, number) == Asker.STRANGER
    assert _asker(Client(), phone, bob) == Asker.STRANGER
    device = list_devices_for(alice).get()
    assert forget_device(user=alice, public_id=device.public_id)
    assert _asker(browser, phone) == Asker.STRANGER
    assert _asker(browser, phone, alice) == Asker.OWN


def _asker(browser: Client, phone: str, user: User | None = None) -> Asker:
    request: HttpRequest = RequestFactory().get("/")
    request.COOKIES = {name: cookie.value for name, cookie in browser.cookies.items()}
    request.user = user or AnonymousUser()
    return asker_of(request, phone)
