"""A guided view at the desk, and the code off the customer's screen as evidence."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.guiding.models import GuidedView, HelperCode
from accounts.guiding.selectors import find_live_view
from accounts.guiding.services import make_code
from accounts.security.models import SecurityEvent, UserSession
from accounts.security.services import open_session
from accounts.signin.tests.doors import sign_in_staff
from accounts.support.models import CallerCheck
from accounts.support.selectors import check_state
from accounts.support.tests.test_desk import open_record
from accounts.users.models import User
from tests.cast import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, olivia: User) -> Client:
    sign_in_staff(client, olivia)
    return client


@pytest.fixture
def hers(alice: User) -> UserSession:
    return open_session(user=alice, label="Firefox", address="")


def test_the_code_off_the_screen_is_worth_as_much_as_a_text_message_and_no_more(
    desk: Client, alice: User, hers: UserSession
) -> None:
    page = open_record(desk, alice)
    code = make_code(user=alice, session=hers, purpose=HelperCode.Purpose.IDENTIFY)
    assert desk.post(f"{page}shown/", {"code": "3333-3333"}).status_code == 422
    assert desk.post(f"{page}shown/", {"code": code.lower()}).status_code == 302
    row = CallerCheck.objects.select_related("visit").get()
    assert check_state(row.visit).points == 50
    # A phone that is open in a thief's hand has both.
    CallerCheck.objects.update(code_matched_at=row.shown_matched_at)
    assert check_state(row.visit).points == 50
    assert desk.post(f"{page}shown/", {"code": code}).status_code == 422
    assert SecurityEvent.objects.filter(user=alice, kind="support.shown_right").count() == 1


def test_a_view_shows_nothing_after_its_end_and_nothing_to_others(
    desk: Client, alice: User, hers: UserSession
) -> None:
    code = make_code(user=alice, session=hers, purpose=HelperCode.Purpose.LOOK)
    page = open_record(desk, alice)
    desk.post(f"{page}guided/begin/", {"code": code})
    base = f"/admin/desk/guided/{GuidedView.objects.get().public_id}/"
    other = Client()
    sign_in_staff(other, make_staff("Support"))
    for path in ("", "security/", "activity/"):
        assert other.get(base + path).status_code == 404
    assert other.post(f"{base}end/").status_code == 404
    assert find_live_view(alice) is not None
    assert desk.post(f"{base}end/")["Location"] == page
    for path in ("", "security/", "activity/"):
        assert desk.get(base + path)["Location"] == page
    assert desk.post(f"{page}guided/begin/", {"code": code}).status_code == 422
    assert SecurityEvent.objects.filter(user=alice, kind__startswith="guided.opened").count() == 0


def test_a_code_of_somebody_else_or_of_another_purpose_begins_nothing(
    desk: Client, alice: User, bob: User, hers: UserSession
) -> None:
    page = open_record(desk, bob)
    look = make_code(user=alice, session=hers, purpose=HelperCode.Purpose.LOOK)
    assert desk.post(f"{page}guided/begin/", {"code": look}).status_code == 422
    mine = open_record(desk, alice)
    shown = make_code(user=alice, session=hers, purpose=HelperCode.Purpose.IDENTIFY)
    assert desk.post(f"{mine}guided/begin/", {"code": shown}).status_code == 422
    assert desk.post(f"{mine}shown/", {"code": look}).status_code == 422
    assert not GuidedView.objects.exists()
