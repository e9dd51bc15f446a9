"""Addresses, throttles, counted tries, and events that cannot be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from accounts.security.addresses import address_group, address_hint, client_address
from accounts.security.kinds import KIND_TITLES, kind_title
from accounts.security.models import SecurityEvent, ThrottledAct
from accounts.security.services import record_event
from accounts.security.throttle import TooManyRequests, forget_old_acts, hit
from accounts.security.tries import Ladder, TriesLocked, clear_tries, take_try, tries_state

LADDER = Ladder(steps={3: 60, 4: 120}, reset_only_after=6)


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, "not an address", "192.0.2.1"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, header, expected):
    settings.TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=header)
    assert client_address(request) == expected


def test_one_subscriber_is_one_address_group():
    assert address_group("2001:db8:1:2:3:4:5:6") == address_group("2001:db8:1:2::9")
    assert address_group("192.0.2.1") == "192.0.2.1"
    assert address_hint("192.0.2.1") == "192.0.2.x"


@pytest.mark.django_db
def test_a_rolling_window_opens_when_the_oldest_act_leaves_it():
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        for _number in range(2):
            hit(action="t", subject="s", rules=[(2, 60), (3, 3600)])
        with pytest.raises(TooManyRequests) as refused:
            hit(action="t", subject="s", rules=[(2, 60), (3, 3600)])
        assert 60 <= refused.value.retry_after_seconds <= 61
        hit(action="t", subject="other", rules=[(2, 60)])
        clock.shift(timedelta(seconds=61))
        hit(action="t", subject="s", rules=[(2, 60), (3, 3600)])
        with pytest.raises(TooManyRequests) as refused:
            hit(action="t", subject="s", rules=[(2, 60), (3, 3600)])
        assert refused.value.retry_after_seconds > 3000
        clock.shift(timedelta(hours=2))
        assert forget_old_acts() == 2 and not ThrottledAct.objects.exists()


@pytest.mark.django_db
def test_a_throttle_keeps_no_name():
    hit(action="t", subject="+8613800136027", rules=[(2, 60)])
    assert "13800136027" not in str(list(ThrottledAct.objects.values()))


@pytest.mark.django_db
def test_a_ladder_counts_locks_and_forgets():
    for _number in range(3):
        take_try(scope="x", subject="a", ladder=LADDER)
    with pytest.raises(TriesLocked):
        take_try(scope="x", subject="a", ladder=LADDER)
    assert tries_state(scope="x", subject="a").wrong == 3
    assert not tries_state(scope="x", subject="b").is_locked
    clear_tries(scope="x", subject="a")
    assert take_try(scope="x", subject="a", ladder=LADDER).wrong == 1


def test_no_ladder_ends_in_free_tries():
    endless = Ladder(steps={3: 60, 4: 120})
    assert [endless.seconds_at(wrong) for wrong in (2, 3, 4, 5, 500)] == [0, 60, 120, 120, 120]


@pytest.mark.django_db
def test_an_event_can_be_neither_changed_nor_deleted():
    event = record_event(user=None, kind="sign_in.ok")
    table = SecurityEvent._meta.db_table
    for statement in (f"UPDATE {table} SET kind = 'x.y'", f"DELETE FROM {table}"):  # nosec B608
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    event.refresh_from_db()
    assert event.kind == "sign_in.ok"


@pytest.mark.django_db
@pytest.mark.parametrize("details", [{"password": "x"}, {"code": "1"}, {"a": object()}])
def test_an_event_takes_no_secrets(details):
    with pytest.raises(ValueError, match="no place"):
        record_event(user=None, kind="sign_in.ok", details=details)


def test_kinds_have_titles_and_a_new_one_reads_as_itself():
    assert all(str(title) for title in KIND_TITLES.values())
    assert kind_title("new.kind") == "new.kind"
    with pytest.raises(ValueError, match="not an event kind"):
        record_event(user=None, kind="Nonsense")
