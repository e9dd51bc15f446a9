"""Codes for helpers and guided views: whose, for what, how long, how often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.guiding import services
from accounts.guiding.errors import HelperCodeWrong, ViewOver
from accounts.guiding.models import GuidedView, HelperCode
from accounts.guiding.selectors import find_live_view, is_live
from accounts.guiding.tasks import forget_old_helper_codes
from accounts.guiding.words import WORDS, words_of
from accounts.security.models import SecurityEvent, UserSession
from accounts.security.services import end_session, open_session
from accounts.security.throttle import TooManyRequests
from accounts.support.models import SupportVisit
from accounts.support.services import check_shown_code, open_visit
from accounts.users.models import User
from tests.pages import assert_page_is_clean
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db
IDENTIFY, LOOK = HelperCode.Purpose.IDENTIFY, HelperCode.Purpose.LOOK


def session_of(user: User) -> UserSession:
    return open_session(user=user, label="Firefox", address="")


def visit_of(agent: User, customer: User) -> SupportVisit:
    return open_visit(agent=agent, customer=customer, why="call", reason="cannot pay", address="")


def made(user: User, purpose: str, session: UserSession | None = None) -> str:
    return services.make_code(user=user, session=session or session_of(user), purpose=purpose)


def begun(agent: User, customer: User, session: UserSession | None = None) -> GuidedView:
    typed = made(customer, LOOK, session)
    visit = visit_of(agent, customer)
    return services.begin_view(visit=visit, session=session_of(agent), typed=typed)


def test_a_code_is_kept_as_a_hash_and_one_lives_at_a_time(alice: User) -> None:
    first, second = made(alice, IDENTIFY), made(alice, LOOK)
    rows = HelperCode.objects.filter(user=alice)
    assert [row.ended_at is None for row in rows.order_by("pk")] == [False, True]
    for code in (first, second):
        assert all(code.replace("-", "") not in row.code_hash.upper() for row in rows)
    with pytest.raises(HelperCodeWrong):
        services.use_code(customer=alice, purpose=IDENTIFY, typed=first)
    services.use_code(customer=alice, purpose=LOOK, typed=second.lower().replace("-", " "))


@pytest.mark.parametrize("fault", ["another", "purpose", "late", "signed out", "twice", "nonsense"])
def test_a_code_works_for_its_owner_its_purpose_and_a_short_while_once(
    alice: User, bob: User, fault: str
) -> None:
    session = session_of(alice)
    code, customer, purpose = made(alice, IDENTIFY, session), alice, IDENTIFY
    if fault == "another":
        customer = bob
    elif fault == "purpose":
        purpose = LOOK
    elif fault == "late":
        HelperCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif fault == "signed out":
        end_session(session=session, why="signed_out")
    elif fault == "twice":
        services.use_code(customer=alice, purpose=IDENTIFY, typed=code)
    else:
        code = "1234"
    with pytest.raises(HelperCodeWrong):
        services.use_code(customer=customer, purpose=purpose, typed=code)


def test_making_and_trying_codes_are_both_limited(alice: User, olivia: User) -> None:
    session = session_of(alice)
    with pytest.raises(TooManyRequests):
        for _number in range(6):
            made(alice, IDENTIFY, session)
    visit = visit_of(olivia, alice)
    tries = 0
    with pytest.raises(TooManyRequests):
        for _number in range(11):
            with pytest.raises(HelperCodeWrong):
                check_shown_code(visit=visit, code="3333-3333")
            tries += 1
    assert tries == 10


@pytest.mark.django_db(transaction=True)
def test_twenty_who_type_a_code_at_once_begin_one_view(
    alice: User, olivia: User, settings: Any
) -> None:
    settings.RATE_LIMITS = {
        **settings.RATE_LIMITS,
        "guiding.try": {"customer": [(100, 3600)]},
    }
    code, visit, hers = made(alice, LOOK), visit_of(olivia, alice), session_of(olivia)
    results = all_at_once(
        20, lambda _number: services.begin_view(visit=visit, session=hers, typed=code)
    )
    assert codes_of(results) == {"": 1, "guiding.code_wrong": 19}
    assert GuidedView.objects.count() == 1
    assert SecurityEvent.objects.filter(user=alice, kind="guided.begun").count() == 1


def test_a_view_ends_by_either_side_by_time_and_with_the_session(alice: User, olivia: User) -> None:
    session = session_of(alice)
    view = begun(olivia, alice, session)
    assert find_live_view(alice) == view
    assert services.end_view(view=view, by=GuidedView.EndedBy.CUSTOMER)
    assert not services.end_view(view=view, by=GuidedView.EndedBy.HELPER)
    second = begun(olivia, alice, session)
    GuidedView.objects.filter(pk=second.pk).update(ends_at=timezone.now())
    third = begun(olivia, alice, session)
    assert third.agent_session is not None
    end_session(session=third.agent_session, why="signed_out")
    assert not is_live(third)
    fourth = begun(olivia, alice, session)
    assert is_live(fourth)
    end_session(session=session, why="signed_out")
    for over in (view, second, third, fourth):
        assert not is_live(over)
        with pytest.raises(ViewOver):
            services.note_opened(view=over, page="overview")
    assert not SecurityEvent.objects.filter(kind__startswith="guided.opened").exists()


def test_both_see_the_same_two_words_and_every_view_has_others(alice: User, olivia: User) -> None:
    session = session_of(alice)
    views = [begun(olivia, alice, session) for _number in range(4)]
    pairs = {words_of(view.public_id) for view in views}
    assert len(pairs) > 1
    assert all(first != second for first, second in pairs)
    assert len({word.english for word in WORDS}) == len({word.chinese for word in WORDS}) == 64


def test_pages_of_the_customer_show_the_code_once_and_the_banner_until_it_is_ended(
    client: Client, alice: User, olivia: User
) -> None:
    client.force_login(alice)
    page = client.get("/security/helper/")
    assert_page_is_clean(page.content.decode())
    assert client.post("/security/helper/look/").status_code == 422
    assert not HelperCode.objects.exists()
    shown = client.post("/security/helper/look/", {"agreed": "on"}).content.decode()
    assert_page_is_clean(shown)
    code = shown.split('<p class="bigclock num" translate="no">')[1].split("<")[0]
    visit = visit_of(olivia, alice)
    view = services.begin_view(visit=visit, session=session_of(olivia), typed=code)
    # Both words, as one alone may stand in the markup of any page.
    word = " · ".join(each.english for each in words_of(view.public_id))
    html = client.get("/security/").content.decode()
    assert_page_is_clean(html)
    assert word in html
    view.refresh_from_db()
    assert view.at_page == "security:centre"
    assert client.post("/security/helper/end/", {"next": "/me/"})["Location"] == "/me/"
    assert find_live_view(alice) is None
    assert word not in client.get("/security/").content.decode()


def test_nobody_else_ends_or_sees_the_view(client: Client, alice: User, bob: User, olivia: User):
    view = begun(olivia, alice)
    client.force_login(bob)
    # Both words, as one alone may stand in the markup of any page.
    word = " · ".join(each.english for each in words_of(view.public_id))
    assert word not in client.get("/security/helper/").content.decode()
    client.post("/security/helper/end/")
    assert find_live_view(alice) == view


def test_every_page_that_has_a_name_for_helpers_exists() -> None:
    from django.urls import get_resolver

    from accounts.guiding.places import _TITLES

    spaces = {
        f"{space}:{name}"
        for space, (_prefix, resolver) in get_resolver().namespace_dict.items()
        for name in resolver.reverse_dict
        if isinstance(name, str)
    }
    assert _TITLES.keys() <= spaces


def test_codes_that_ran_out_long_ago_are_forgotten(alice: User) -> None:
    made(alice, IDENTIFY)
    assert forget_old_helper_codes() == 0
    HelperCode.objects.update(expires_at=timezone.now() - timedelta(days=2))
    assert forget_old_helper_codes() == 1
