"""Cases as an agent meets them: the queue, taking, answering; and what nobody sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.cases import services
from accounts.cases.figures import waiting_cases
from accounts.cases.models import Case, CaseChange, CaseNote, CaseReading
from accounts.cases.selectors import list_messages
from accounts.cases.states import CaseState
from accounts.cases.tasks import forget_old_cases
from accounts.security.models import SecurityEvent
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from tests.cast import make_phone, make_staff, read_sms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
QUEUE = "/admin/desk/cases/"
STORY: dict[str, Any] = {"topic": "locked", "subject": "Paused", "body": "A very private story."}


@pytest.fixture
def desk(client: Client, olivia: User) -> Client:
    """olivia, signed in with her second factor."""
    sign_in_staff(client, olivia)
    client.cookies["wallet-language"] = "en"
    return client


def page_of(case: Case) -> str:
    return f"{QUEUE}{case.public_id}/"


def test_texts_are_read_by_who_takes_the_case_and_the_customer_sees_it(
    desk: Client, alice: User
) -> None:
    case = services.open_case(user=alice, **STORY)
    page = page_of(case)
    queue = desk.get(QUEUE).content.decode()
    before = desk.get(page).content.decode()
    for html in (queue, before):
        assert case.number in html
        assert "private story" not in html
        assert str(alice.phone)[-8:] not in html
    assert desk.post(f"{page}step/", {"step": "answer", "body": "Hello"}).status_code == 422
    assert desk.post(f"{page}step/", {"step": "take"}).status_code == 302
    html = desk.get(page).content.decode()
    assert "private story" in html
    assert f"/admin/desk/?case={case.public_id}" in html
    assert SecurityEvent.objects.filter(user=alice, kind="case.taken").exists()
    hers = Client(headers={"accept-language": "en"})
    hers.force_login(alice)
    assert "Support opened your case" in hers.get("/security/").content.decode()


def test_an_agent_answers_notes_closes_and_opens_again(desk: Client, alice: User) -> None:
    case = services.open_case(user=alice, **STORY)
    act = f"{page_of(case)}step/"
    for sent in (
        {"step": "take"},
        {"step": "note", "body": "Called before."},
        {"step": "answer", "body": "It ends at noon."},
        {"step": "close"},
        {"step": "reopen"},
    ):
        assert desk.post(act, sent).status_code == 302
    kinds = ["opened", "taken", "noted", "answered", "closed", "reopened"]
    assert list(CaseChange.objects.values_list("kind", flat=True)) == kinds
    assert CaseNote.objects.get().text == "Called before."
    hers = Client()
    hers.force_login(alice)
    html = hers.get(f"/support/{case.public_id}/").content.decode()
    assert "It ends at noon." in html
    assert "Called before." not in html
    for wrong in ({"step": "answer", "body": " "}, {"step": "dance"}, {}):
        assert desk.post(act, wrong).status_code == 422


def test_the_queue_is_narrowed_by_state_topic_person_and_number(
    desk: Client, olivia: User, alice: User, bob: User
) -> None:
    first = services.open_case(user=alice, **STORY)
    second = services.open_case(user=bob, **{**STORY, "topic": "no-code"})
    done = services.open_case(user=bob, **STORY)
    services.assign(case=second, to=olivia)
    services.reply_as_staff(case=second, by=olivia, body="Done")
    services.close_case(case=done)

    def shown(query: str) -> set[Case]:
        html = desk.get(f"{QUEUE}?{query}").content.decode()
        return {case for case in (first, second, done) if case.number in html}

    assert shown("") == {first, second}
    assert shown("state=waiting") == {first}
    assert shown("state=closed") == {done}
    assert shown("topic=no-code") == {second}
    assert shown("who=mine") == {second}
    assert shown("who=nobody") == {first}
    assert shown(f"number={done.number.lower()}") == {done}
    assert shown("state=nonsense&page=x") == {first, second}


def test_many_cases_for_one_number_wait_behind_the_others_and_name_each_other(desk: Client) -> None:
    phone, later = make_phone(), make_phone()
    first = services.open_case(phone=phone, **STORY)
    many = [services.open_case(phone=phone, is_repeat=True, **STORY) for _ in range(3)]
    honest = services.open_case(phone=later, **STORY)
    services.close_case(case=many[2])
    html = desk.get(QUEUE).content.decode()
    in_order = sorted((first, honest, *many[:2]), key=lambda case: html.index(case.number))
    assert in_order == [first, honest, *many[:2]]
    assert html.count("one of many for its number") == 2
    page = desk.get(page_of(first)).content.decode()
    assert all(case.number in page for case in many[:2])
    assert many[2].number not in page
    assert honest.number not in page
    assert "Others for this number" not in desk.get(page_of(honest)).content.decode()


@pytest.mark.parametrize("role", ["Operations", "Auditor"])
def test_cases_are_for_support(client: Client, alice: User, role: str) -> None:
    case = services.open_case(user=alice, **STORY)
    sign_in_staff(client, make_staff(role))
    assert client.get(QUEUE).status_code == 403
    assert client.get(page_of(case)).status_code == 403
    assert client.post(f"{page_of(case)}step/", {"step": "take"}).status_code == 403
    assert Case.objects.get().assigned_to is None


def test_a_customer_and_a_password_alone_find_no_queue(alice: User, olivia: User) -> None:
    for who in (alice, olivia):
        browser = Client()
        browser.force_login(who)
        assert browser.get(QUEUE).status_code in {302, 404}


def test_old_cases_are_forgotten_and_their_history_stays(alice: User, settings: Any) -> None:
    mine = services.open_case(user=alice, **STORY)
    theirs = services.open_case(phone=make_phone(), **STORY)
    live = services.open_case(user=alice, **STORY)
    for case in (mine, theirs):
        services.close_case(case=case)
    long_ago = timezone.now() - timedelta(days=settings.CASES["kept_days"] + 1)
    Case.objects.exclude(pk=live.pk).update(closed_at=long_ago)
    CaseReading.objects.create(
        phone_encrypted="x", challenge_id=mine.public_id, expires_at=long_ago
    )
    assert forget_old_cases() == 2
    assert forget_old_cases() == 0
    assert not CaseReading.objects.exists()
    for case in (mine, theirs):
        case.refresh_from_db()
        assert [message.text for message in list_messages(case)] == [""]
        assert case.subject == ""
        assert case.changes.filter(kind="forgotten").count() == 1
    assert theirs.phone == theirs.phone_index == ""
    assert list_messages(live)[0].text == STORY["body"]
    assert Case.objects.filter(state=CaseState.CLOSED).count() == 2
    hers = Client()
    hers.force_login(alice)
    assert hers.get(f"/support/{mine.public_id}/").status_code == 200


def test_support_sees_whether_a_code_left_for_a_number_that_is_nobodys_yet(
    desk: Client, alice: User
) -> None:
    phone = make_phone()
    Client().post("/recover/login/", {"phone": phone})
    read_sms(phone)
    case = services.open_case(phone=phone, **STORY)
    known = services.open_case(phone=str(alice.phone), **STORY)
    for each in (case, known):
        assert "Messages to the phone" not in desk.get(page_of(each)).content.decode()
        desk.post(f"{page_of(each)}step/", {"step": "take"})
    html = desk.get(page_of(case)).content.decode()
    assert "Messages to the phone" in html
    assert "· recording" in html
    assert "/admin/desk/?case=" not in html
    html = desk.get(page_of(known)).content.decode()
    assert "Messages to the phone" not in html
    assert f"/admin/desk/?case={known.public_id}" in html


def test_operators_see_how_many_wait_and_how_long(alice: User) -> None:
    assert waiting_cases() == {}
    case = services.open_case(user=alice, **STORY)
    assert waiting_cases() == {"open": (1, case.opened_at)}


def test_roles_give_support_the_right(olivia: User) -> None:
    call_command("sync_roles")
    assert User.objects.get(pk=olivia.pk).has_perm("accounts.work_cases")
