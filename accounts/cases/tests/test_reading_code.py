"""Who writes because no code comes reads the answer without one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.cases import services
from accounts.cases.models import Case
from accounts.cases.numbers import hash_of_reading_code, new_reading_code
from accounts.cases.tasks import forget_old_cases
from accounts.cases.tests.test_pages import STORY, answer, stranger, write
from accounts.phone.models import SmsCode
from accounts.support import services as desk
from accounts.support.selectors import check_state
from accounts.users.models import User
from tests.cast import make_phone
from tests.limits import with_limits
from tests.pages import assert_page_is_clean

__all__ = ["stranger"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
_CODE = re.compile(r">((?:[0-9A-Z]{4}-){4}[0-9A-Z]{4})<")


def reading_code_of(browser: Client) -> str:
    found = _CODE.search(browser.get("/support/contact/sent/").content.decode())
    return found[1] if found else ""


def another_browser() -> Client:
    return Client(headers={"accept-language": "en"})


def open_with(browser: Client, number: str, code: str) -> Any:
    return browser.post("/support/contact/open/", {"number": number, "reading_code": code})


def test_the_browser_that_wrote_goes_on_with_the_case(
    stranger: Client, olivia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(stranger, make_phone())
    case = Case.objects.get()
    sent = stranger.get("/support/contact/sent/").content.decode()
    assert_page_is_clean(sent)
    assert "/support/contact/case/" in sent
    answer(case, olivia)
    before = SmsCode.objects.count()
    html = stranger.get("/support/contact/case/").content.decode()
    assert "Please try again now." in html
    assert_page_is_clean(html)
    assert stranger.post("/support/contact/case/reply/", {"body": "Thank you"}).status_code == 302
    assert SmsCode.objects.count() == before
    assert case.number in stranger.get("/support/contact/read/").content.decode()
    later = timezone_now() + timedelta(hours=12, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert stranger.get("/support/contact/case/").status_code == 302


def timezone_now() -> Any:
    from django.utils import timezone

    return timezone.now()


def test_the_reading_code_is_shown_once_and_kept_nowhere(stranger: Client) -> None:
    write(stranger, make_phone())
    code = reading_code_of(stranger)
    assert len(code.replace("-", "")) == 20
    again = stranger.get("/support/contact/sent/").content.decode()
    assert code not in again and "not shown again" in again
    case = Case.objects.get()
    assert case.reading_hash == hash_of_reading_code(code) != code
    assert all(code not in str(each.get_decoded()) for each in Session.objects.all())


def test_number_and_reading_code_open_the_case_anywhere_without_a_text_message(
    stranger: Client, olivia: User
) -> None:
    write(stranger, make_phone())
    code = reading_code_of(stranger)
    case = Case.objects.get()
    answer(case, olivia)
    before = SmsCode.objects.count()
    elsewhere = another_browser()
    assert_page_is_clean(elsewhere.get("/support/contact/open/").content.decode())
    typed = f" {case.number.lower()} ", code.lower().replace("-", " ")
    assert open_with(elsewhere, *typed)["Location"] == "/support/contact/case/"
    assert "Please try again now." in elsewhere.get("/support/contact/case/").content.decode()
    assert SmsCode.objects.count() == before
    elsewhere.post("/support/contact/case/leave/")
    assert elsewhere.get("/support/contact/case/").status_code == 302
    # And where it was written, too: others may use that browser.
    stranger.post("/support/contact/case/leave/")
    for path in ("/support/contact/case/", "/support/contact/sent/"):
        assert stranger.get(path).status_code == 302


def test_every_wrong_pair_gets_the_same_answer_and_tries_are_counted(
    stranger: Client, alice: User, settings: Any
) -> None:
    write(stranger, str(alice.phone))
    code = reading_code_of(stranger)
    number = Case.objects.get().number
    own = services.open_case(user=alice, **STORY)
    browser = another_browser()
    pages = set()
    for typed in (
        (number, new_reading_code()),
        ("C-7K3M-94QX", code),
        (own.number, code),
        (own.number, ""),
        ("nonsense", code),
    ):
        refused = open_with(browser, typed[0], typed[1] or "-")
        assert refused.status_code == 422
        html = re.sub(r'value="[^"]*"', "", refused.content.decode())
        pages.add(re.sub(r"[0-9A-Za-z]{32,64}", "", html))
    assert len(pages) == 1
    assert browser.get("/support/contact/case/").status_code == 302
    with_limits(settings, "case.secret", address=[(1, 60)], case=[(20, 60)])
    other = Client(REMOTE_ADDR="203.0.113.9")
    assert open_with(other, number, "wrong").status_code == 422
    assert open_with(other, number, code).status_code == 429
    with_limits(settings, "case.secret", address=[(100, 60)], case=[(2, 60)])
    fresh_number = "C-ACDE-FGHJ"
    tried = [open_with(Client(), fresh_number, "no").status_code for _time in range(3)]
    assert tried == [422, 422, 429]


def test_a_case_of_a_customer_has_no_reading_code(alice: User) -> None:
    from accounts.cases.contact import make_reading_code

    case = services.open_case(user=alice, **STORY)
    make_reading_code(case=case)
    assert Case.objects.get().reading_hash == ""


def test_reading_a_case_proves_nothing_at_the_desk(
    stranger: Client, olivia: User, alice: User
) -> None:
    write(stranger, str(alice.phone))
    case = Case.objects.get()
    services.assign(case=case, to=olivia)
    visit = desk.open_visit(
        agent=olivia, customer=alice, why="case", reason="cannot sign in", address="", case=case
    )
    assert check_state(visit).points == 0
    html = another_browser()
    assert html.get("/support/contact/case/").status_code == 302


def test_the_desk_is_told_that_whoever_wrote_reads_the_answer(
    client: Client, stranger: Client, olivia: User, alice: User
) -> None:
    from accounts.signin.tests.doors import sign_in_staff

    write(stranger, make_phone())
    hers = services.open_case(user=alice, **STORY)
    sign_in_staff(client, olivia)
    said = "nobody has shown that it is the customer"
    for case in Case.objects.all():
        services.assign(case=case, to=olivia)
        page = f"/admin/desk/cases/{case.public_id}/"
        html = client.get(page, headers={"accept-language": "en"}).content.decode()
        assert (said in html) == (case.pk != hers.pk)


def test_a_form_sent_twice_is_one_case_and_the_newest_code_opens_it(stranger: Client) -> None:
    key, phone = str(uuid4()), make_phone()
    codes = []
    for _time in range(2):
        write(stranger, phone, form_key=key)
        codes.append(reading_code_of(stranger))
    number = Case.objects.get().number
    assert open_with(another_browser(), number, codes[1]).status_code == 302
    assert open_with(another_browser(), number, codes[0]).status_code == 422


def test_a_forgotten_case_forgets_its_code(stranger: Client, settings: Any) -> None:
    write(stranger, make_phone())
    code = reading_code_of(stranger)
    case = Case.objects.get()
    services.close_case(case=case)
    settings.CASES = {**settings.CASES, "kept_days": -1}
    assert forget_old_cases() == 1
    assert Case.objects.get().reading_hash == ""
    assert open_with(another_browser(), case.number, code).status_code == 422
