"""The security centre: what is worth doing, in which order; devices and places; the whole log."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone, translation

from accounts.centre.advice import MOST, list_advice
from accounts.centre.events import GROUPS, PAGE, read_page
from accounts.factors.models import RecoveryCode
from accounts.payment_password.models import PaymentPassword
from accounts.security.kinds import KIND_TITLES
from accounts.security.models import SecurityEvent, UserSession
from accounts.security.places import place_words
from accounts.security.services import open_session, record_event
from accounts.signin.tests.doors import make_person, try_password
from accounts.users.models import User
from payments.safety.services import freeze_person, make_freeze_code
from payments.wallets.models import Freeze
from tests.cast import LOGIN_PASSWORD, wallet_with
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def door(client: Client, alice: User) -> Client:
    try_password(client, alice, LOGIN_PASSWORD)
    return client


def read(door: Client, path: str = "/security/") -> str:
    page = door.get(path, headers=ENGLISH)
    assert page.status_code == 200
    html = page.content.decode()
    assert_page_is_clean(html)
    return html


def titles(user: User) -> list[str]:
    with translation.override("en"):
        return [str(row.title) for row in list_advice(user, None)]


def made_older(user: User, days: int) -> None:
    PaymentPassword.objects.filter(user=user).update(
        changed_at=timezone.now() - timedelta(days=days)
    )


def test_what_is_worth_doing_is_ordered_and_never_more_than_three(alice: User) -> None:
    wallet_with(alice)
    assert titles(alice) == ["Switch on two-step sign-in", "Keep a freeze code on paper"]
    made_older(alice, 91)
    assert titles(alice)[1] == "Change the payment password"
    PaymentPassword.objects.filter(user=alice).update(is_reset_only=True)
    assert titles(alice) == [
        "Set a new payment password",
        "Switch on two-step sign-in",
        "Change the payment password",
    ]
    assert len(titles(alice)) == MOST


def test_the_reminder_of_the_payment_password_comes_after_ninety_days_and_only_reminds(
    door: Client, alice: User
) -> None:
    made_older(alice, 89)
    assert "Last changed" not in read(door)
    made_older(alice, 91)
    page = read(door)
    assert "Last changed 91 days ago" in page and "Changed 91 days ago" in page
    assert door.get("/home/").status_code == 200


def test_with_nothing_to_do_the_page_says_so(door: Client, alice: User, monkeypatch: Any) -> None:
    wallet_with(alice)
    make_freeze_code(user=alice)
    monkeypatch.setattr("accounts.centre.advice.has_second_factor", lambda _user: True)
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=alice, code_hash=f"{n:064d}") for n in range(10)
    )
    assert "Nothing needs doing now" in read(door)
    RecoveryCode.objects.filter(user=alice).exclude(code_hash=f"{0:064d}").delete()
    page = read(door)
    assert "Make new recovery codes" in page and "1 recovery code left" in page


def test_a_device_that_was_never_there_before_is_asked_about(door: Client, alice: User) -> None:
    assert "Is this device yours?" not in read(door)
    try_password(Client(), alice, LOGIN_PASSWORD, headers={"user-agent": "Firefox Windows"})
    page = read(door)
    assert "Is this device yours?" in page and "Firefox · Windows signed in" in page
    assert 'href="#devices"' in page


def test_limits_second_proof_and_a_freeze_are_told_by_payments(door: Client, alice: User) -> None:
    wallet_with(alice)
    page = read(door)
    assert "¥5,000.00 at once · ¥10,000.00 a day" in page and "Freeze now" in page
    freeze_person(user=alice, how=Freeze.How.SIGNED_IN, by=alice, reason="test")
    page = read(door)
    assert "Your wallet is frozen" in page and "Freeze now" not in page


def test_a_device_shows_its_network_without_the_last_part_and_a_place_out_of_a_local_file(
    door: Client, alice: User, settings: Any, tmp_path: Path
) -> None:
    open_session(user=alice, label="Chrome", address="203.0.113.77")
    page = read(door)
    assert "network 203.0.113.x" in page and "203.0.113.77" not in page
    known = tmp_path / "places.csv"
    known.write_text("# comment\n203.0.113.0/24,上海,Shanghai\n2001:db8::/32,北京,Beijing\n")
    settings.PLACES_FILE = str(known)
    assert "Shanghai · network 203.0.113.x" in read(door)
    with translation.override("zh-hans"):
        assert place_words("2001:db8::/64").startswith("北京")
        assert place_words("198.51.100.x") == "网络 198.51.100.x"
        assert place_words("not an address") == "网络 not an address"


def test_signing_out_everywhere_ends_this_browser_too(door: Client, alice: User) -> None:
    other = Client()
    try_password(other, alice, LOGIN_PASSWORD)
    assert door.get("/security/devices/end-all/").status_code == 405
    answer = door.post("/security/devices/end-all/")
    assert answer["Location"] == "/sign-in/"
    assert not UserSession.objects.filter(user=alice, ended_at=None).exists()
    for browser in (door, other):
        assert browser.get("/home/")["Location"].startswith("/sign-in/")


def test_a_look_of_staff_shows_role_and_reason_and_no_name(door: Client, alice: User) -> None:
    agent = make_person("+8613700000009", is_staff=True)
    agent.groups.add(Group.objects.get_or_create(name="Support lead")[0])
    record_event(user=alice, actor=agent, kind="support.viewed", details={"reason": "case K2-7"})
    for path in ("/security/", "/security/log/?kind=staff"):
        page = read(door, path)
        assert "Support lead" in page and "Reason: case K2-7" in page
        assert "13700000009" not in page and str(agent) not in page


def test_the_log_goes_on_where_it_stopped_and_shows_only_what_is_mine(
    door: Client, alice: User, bob: User
) -> None:
    SecurityEvent.objects.filter(user=alice).count()
    moment = timezone.now() - timedelta(days=1)
    SecurityEvent.objects.bulk_create(
        SecurityEvent(user=alice, kind="step_up.ok", created_at=moment) for _n in range(2 * PAGE)
    )
    record_event(user=bob, kind="two_factor.off")
    record_event(user=alice, kind="card.removed")
    seen, after = [], ""
    while True:
        page = read_page(alice, group="", after=after)
        seen += [line.title for line in page.lines]
        if not page.next_cursor:
            break
        # What happens meanwhile shifts nothing.
        record_event(user=alice, kind="step_up.ok")
        after = page.next_cursor
    assert seen.count(str(KIND_TITLES["step_up.ok"])) == 2 * PAGE
    assert len(read_page(alice, group="money", after="").lines) == 1
    html = read(door, "/security/log/?kind=money")
    assert "Bank card removed" in html and "Two-step sign-in switched off" not in html
    assert "Older ones" in read(door, "/security/log/")
    for nonsense in ("x", "1-", "-1", "9" * 18 + "-1", "1-" + "9" * 40, "٣-1"):
        assert door.get("/security/log/", {"after": nonsense, "kind": "x"}).status_code == 200


def test_every_kind_of_event_is_in_one_group_at_most_and_only_rare_ones_in_none() -> None:
    counts = {kind: sum(kind in g.kinds() for g in GROUPS if g.prefixes) for kind in KIND_TITLES}
    assert max(counts.values()) == 1
    without = {kind.partition(".")[0] for kind, count in counts.items() if not count}
    # What staff do, which is for auditors, and what is rare.
    assert without == {
        *("approval", "audit", "case", "guided", "payment_case", "profile", "reconciliation_case"),
        *("sms", "staff", "support"),
    }


def test_the_log_of_somebody_with_many_events_is_read_out_of_an_index(
    alice: User, django_assert_max_num_queries: Any
) -> None:
    SecurityEvent.objects.bulk_create(
        [SecurityEvent(user=alice, kind="sign_in.ok") for _n in range(3000)], batch_size=1000
    )
    with django_assert_max_num_queries(1):
        page = read_page(alice, group="sign-in", after="")
    assert len(page.lines) == PAGE and page.next_cursor
