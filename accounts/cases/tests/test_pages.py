"""Support as a customer meets it: signed in, and locked out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.cases import services
from accounts.cases.models import Case, CaseMessage, CaseReading
from accounts.cases.states import CaseState
from accounts.phone.models import SmsCode
from accounts.signin.tests.doors import try_password
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, make_phone, read_code, read_sms
from tests.limits import with_limits
from tests.pages import assert_page_is_clean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
STORY: dict[str, Any] = {"topic": "no-code", "subject": "Code", "body": "No code comes."}


@pytest.fixture
def hers(alice: User) -> Client:
    """alice's browser."""
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(alice)
    return browser


@pytest.fixture
def stranger() -> Client:
    """Somebody who is not signed in."""
    return Client(headers={"accept-language": "en"})


def answer(case: Case, by: User, text: str = "Please try again now.") -> None:
    services.assign(case=case, to=by)
    services.reply_as_staff(case=case, by=by, body=text)


def write(browser: Client, phone: str, **more: str) -> Any:
    return browser.post("/support/contact/", {"phone": phone, **STORY, **more})


def prove(browser: Client, number: str, phone: str) -> Any:
    asked = browser.post("/support/contact/read/", {"number": number, "phone": phone})
    assert asked.status_code == 302
    return browser.post("/support/contact/code/", {"code": read_code(phone)})


def test_a_customer_asks_reads_the_answer_and_closes(hers: Client, olivia: User) -> None:
    sent = hers.post("/support/new/", STORY)
    case = Case.objects.get()
    page = f"/support/{case.public_id}/"
    assert sent["Location"] == page
    html = hers.get(page).content.decode()
    assert_page_is_clean(html)
    assert case.number in html
    assert "No code comes." in html
    assert "in the queue" in html
    answer(case, olivia)
    for place in ("/home/", "/me/"):
        assert "Support has answered" in hers.get(place).content.decode()
    html = hers.get(page).content.decode()
    assert "Please try again now." in html
    assert str(olivia.phone) not in html
    assert "New answer" in hers.get("/support/").content.decode()
    hers.post(f"{page}read/")
    assert "Support has answered" not in hers.get("/home/").content.decode()
    hers.post(f"{page}reply/", {"body": "It came."})
    case.refresh_from_db()
    assert case.state == CaseState.WAITING_FOR_SUPPORT
    hers.post(f"{page}close/")
    assert "open it again" in hers.get(page).content.decode()
    assert hers.post(f"{page}reply/", {"body": "And"}).status_code == 422
    hers.post(f"{page}reopen/")
    case.refresh_from_db()
    assert case.state == CaseState.WAITING_FOR_SUPPORT
    assert_page_is_clean(hers.get("/support/").content.decode())


def test_a_secret_in_the_text_is_blanked_out_and_the_customer_is_told(hers: Client) -> None:
    told = hers.post("/support/new/", {**STORY, "body": "code 482913"}, follow=True)
    html = told.content.decode()
    assert "482913" not in html
    assert "We blanked out what looked like a code" in html
    assert "482913" not in str(list(CaseMessage.objects.values()))


def test_somebody_elses_case_does_not_exist(hers: Client, bob: User) -> None:
    case = services.open_case(user=bob, **STORY)
    page = f"/support/{case.public_id}/"
    assert hers.get(page).status_code == 404
    for act in ("reply", "read", "close", "reopen"):
        assert hers.post(f"{page}{act}/", {"body": "Mine"}).status_code == 404
    assert CaseMessage.objects.count() == 1


def test_an_incomplete_case_is_not_opened_and_says_why(hers: Client) -> None:
    for missing in STORY:
        refused = hers.post("/support/new/", {**STORY, missing: " "})
        assert refused.status_code == 422
        assert_page_is_clean(refused.content.decode())
    wrong = hers.post("/support/new/", {**STORY, "payment_reference": "7K3M94QXACDE"})
    assert wrong.status_code == 422
    assert "None of your payments has this reference" in wrong.content.decode()
    assert not Case.objects.exists()


def test_a_help_page_names_the_topic(hers: Client, stranger: Client) -> None:
    chosen = '<option value="locked" selected>'
    assert chosen in hers.get("/support/new/?topic=locked").content.decode()
    assert chosen in stranger.get("/support/contact/?topic=locked").content.decode()


def test_who_is_locked_out_gets_a_number_and_reads_the_answer_with_the_phone(
    stranger: Client, olivia: User
) -> None:
    phone = make_phone()
    assert stranger.get("/support/")["Location"] == "/support/contact/"
    assert write(stranger, phone)["Location"] == "/support/contact/sent/"
    case = Case.objects.get()
    html = stranger.get("/support/contact/sent/").content.decode()
    assert case.number in html
    assert_page_is_clean(html)
    answer(case, olivia)
    word = read_sms(phone)
    assert case.number in word
    assert "try again" not in word
    elsewhere = Client(headers={"accept-language": "en"})
    assert elsewhere.get("/support/contact/case/").status_code == 302
    SmsCode.objects.all().delete()
    assert prove(elsewhere, case.number.lower(), phone)["Location"] == "/support/contact/case/"
    html = elsewhere.get("/support/contact/case/").content.decode()
    assert_page_is_clean(html)
    assert "Please try again now." in html
    elsewhere.post("/support/contact/case/read/")
    elsewhere.post("/support/contact/case/reply/", {"body": "It came."})
    elsewhere.post("/support/contact/case/close/")
    case.refresh_from_db()
    assert (case.is_closed, case.messages.count()) == (True, 3)
    elsewhere.post("/support/contact/case/reopen/")
    case.refresh_from_db()
    assert not case.is_closed
    # A browser that only asked for the case has not proved anything.
    asked = Client()
    asked.post("/support/contact/read/", {"number": case.number, "phone": phone})
    assert asked.get("/support/contact/case/")["Location"] == "/support/contact/read/"


def test_number_and_phone_must_belong_together_and_nobody_is_told(
    stranger: Client, alice: User
) -> None:
    phone, other = make_phone(), make_phone()
    write(stranger, phone)
    case = Case.objects.get()
    hers = services.open_case(user=alice, **STORY)
    pairs = [(case.number, other), ("C-3333-4444", phone), (hers.number, str(alice.phone))]
    for number, given in pairs:
        browser = Client(headers={"accept-language": "en"})
        asked = browser.post("/support/contact/read/", {"number": number, "phone": given})
        assert asked["Location"] == "/support/contact/code/"
        page = browser.get("/support/contact/code/")
        assert page.status_code == 200
        assert_page_is_clean(page.content.decode())
        assert "none with that number" in read_sms(given)
        assert browser.post("/support/contact/code/", {"code": "000000"}).status_code == 422
        assert browser.get("/support/contact/case/")["Location"] == "/support/contact/read/"
    assert not CaseReading.objects.filter(proved_at__isnull=False).exists()


def test_writing_says_the_same_whether_the_number_has_a_wallet(alice: User) -> None:
    said = []
    for phone in (str(alice.phone), make_phone()):
        browser = Client(headers={"accept-language": "en"})
        first = write(browser, phone)
        html = browser.get("/support/contact/sent/").content.decode()
        said.append((first.status_code, first["Location"], len(html)))
    assert said[0] == said[1]
    assert not Case.objects.filter(user__isnull=False).exists()


def test_writing_is_counted_per_address(stranger: Client, settings: Any) -> None:
    with_limits(settings, "case.contact", address=[(2, 3600)])
    assert [write(stranger, make_phone()).status_code for _ in range(2)] == [302] * 2
    refused = write(Client(), make_phone())
    assert refused.status_code == 429
    assert refused["Retry-After"]
    assert Case.objects.count() == 2


def test_strangers_who_write_for_a_number_keep_nobody_from_support(settings: Any) -> None:
    phone = make_phone()
    most = settings.RATE_LIMITS["case.repeat"]["number"][0][0]
    answers = [write(Client(REMOTE_ADDR=f"198.51.100.{n}"), phone) for n in range(most + 2)]
    assert {(each.status_code, each["Location"]) for each in answers} == {
        (302, "/support/contact/sent/")
    }
    flags = Case.objects.order_by("pk").values_list("is_repeat", flat=True)
    assert list(flags) == [False] * most + [True] * 2
    other = Client(REMOTE_ADDR="198.51.100.99")
    write(other, make_phone())
    assert not Case.objects.latest("pk").is_repeat


def test_a_case_out_of_the_owners_own_browser_is_none_of_the_many(
    alice: User, settings: Any
) -> None:
    with_limits(settings, "case.repeat", number=[(1, 3600)])
    mine, phone = Client(), str(alice.phone)
    try_password(mine, alice, LOGIN_PASSWORD)
    mine.post("/sign-out/")
    for turn in range(3):
        write(Client(REMOTE_ADDR=f"198.51.100.{turn}"), phone)
    write(mine, phone)
    assert not Case.objects.latest("pk").is_repeat
    assert Case.objects.filter(is_repeat=True).count() == 2


def test_who_shows_the_phone_has_written_no_strangers_case(stranger: Client, settings: Any) -> None:
    with_limits(settings, "case.repeat", number=[(1, 3600)])
    phone = make_phone()
    write(Client(REMOTE_ADDR="198.51.100.1"), phone)
    write(stranger, phone)
    case = Case.objects.latest("pk")
    assert case.is_repeat
    prove(stranger, case.number, phone)
    case.refresh_from_db()
    assert not case.is_repeat


def test_ways_back_are_counted_too(stranger: Client, settings: Any) -> None:
    with_limits(settings, "case.reading", address=[(2, 3600)])
    sent = [
        stranger.post("/support/contact/read/", {"number": "C-3333-4444", "phone": make_phone()})
        for _ in range(3)
    ]
    assert [each.status_code for each in sent] == [302, 302, 429]
