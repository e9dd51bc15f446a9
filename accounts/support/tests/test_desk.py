"""The support desk: opening with a reason, checking who calls, ending a lock."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.payment_password.errors import PaymentPasswordWrong
from accounts.payment_password.selectors import payment_password_state
from accounts.payment_password.services import check_payment_password
from accounts.phone.models import SmsCode
from accounts.security.errors import Refusal
from accounts.security.models import SecurityEvent, UserSession
from accounts.signin.selectors import sign_in_lock_state
from accounts.signin.tests.doors import sign_in_staff, try_password
from accounts.support import errors, services
from accounts.support.models import CallerCheck, SupportAction, SupportVisit
from accounts.users.models import User
from tests.cast import OTHER_PAYMENT_PASSWORD, make_customer, make_staff, read_code, read_sms
from tests.limits import with_limits
from tests.race import all_at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
REASON = {"why": "call", "reason": "cannot pay, says the lock page"}


@pytest.fixture
def desk(client: Client, olivia: User) -> Client:
    """olivia, signed in with her second factor."""
    sign_in_staff(client, olivia)
    return client


def open_record(desk: Client, customer: User) -> str:
    answer = desk.post("/admin/desk/", {"phone": str(customer.phone), **REASON})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def id_digits(customer: User) -> str:
    return decrypt(Identity.objects.get(user=customer).id_number_encrypted)[-6:]


def pass_the_check(desk: Client, page: str, customer: User) -> None:
    assert desk.post(f"{page}digits/", {"digits": id_digits(customer)}).status_code == 302
    assert desk.post(f"{page}code/send/").status_code == 302
    code = read_code(str(customer.phone))
    assert desk.post(f"{page}code/", {"code": code}).status_code == 302


def fresh(client: Client) -> None:
    """As after the step-up page."""
    UserSession.objects.filter(ended_at=None).update(proved_at=timezone.now())


def lock_payment_password(customer: User) -> None:
    for _ in range(5):
        with contextlib.suppress(Refusal):
            check_payment_password(user=customer, raw=OTHER_PAYMENT_PASSWORD)
    assert payment_password_state(customer).is_locked


def test_strangers_keep_no_caller_from_being_checked(
    desk: Client, alice: User, settings: Any
) -> None:
    with_limits(settings, "sms.code", stranger=[(1, 86_400)])
    assert Client().post("/recover/login/", {"phone": str(alice.phone)}).status_code == 302
    pass_the_check(desk, open_record(desk, alice), alice)
    code = SmsCode.objects.get(phone=str(alice.phone), purpose="support")
    assert code.asker == "desk"


def test_a_lock_is_ended_after_the_caller_was_checked(desk: Client, alice: User) -> None:
    lock_payment_password(alice)
    page = open_record(desk, alice)
    pass_the_check(desk, page, alice)
    desk.get(page)
    fresh(desk)
    answer = desk.post(f"{page}end-lock/payment-password/", {"reason": "checked by phone"})
    assert answer.status_code == 302
    assert not payment_password_state(alice).is_locked
    action = SupportAction.objects.get()
    assert action.reason == "checked by phone"
    notice = SmsCode.objects.filter(phone=str(alice.phone)).first()
    assert notice is not None
    assert notice.message == "support_unlocked"
    assert read_sms(str(alice.phone))
    event = SecurityEvent.objects.get(kind="payment_password.unlocked")
    assert event.actor == action.visit.agent


def test_a_sign_in_lock_is_ended_the_same_way(desk: Client, alice: User) -> None:
    for _ in range(5):
        try_password(Client(), alice, "wrong password here")
    assert sign_in_lock_state(alice).is_locked
    page = open_record(desk, alice)
    pass_the_check(desk, page, alice)
    fresh(desk)
    desk.post(f"{page}end-lock/sign-in/", {"reason": "checked by phone"})
    assert not sign_in_lock_state(alice).is_locked


@pytest.mark.parametrize("which", ["sign-in", "payment-password"])
def test_nothing_is_ended_for_a_caller_who_was_not_checked(
    desk: Client, alice: User, which: str
) -> None:
    lock_payment_password(alice)
    page = open_record(desk, alice)
    desk.post(f"{page}digits/", {"digits": id_digits(alice)})
    desk.get(page)
    fresh(desk)
    answer = desk.post(f"{page}end-lock/{which}/", {"reason": "sounds honest"})
    assert answer.status_code == 422
    assert payment_password_state(alice).is_locked
    assert not SupportAction.objects.exists()


def test_ending_a_lock_asks_for_the_agents_own_second_factor_first(
    desk: Client, alice: User
) -> None:
    lock_payment_password(alice)
    page = open_record(desk, alice)
    pass_the_check(desk, page, alice)
    answer = desk.post(f"{page}end-lock/payment-password/", {"reason": "checked by phone"})
    assert answer["Location"].startswith("/step-up/")
    assert payment_password_state(alice).is_locked


def test_only_a_new_payment_password_helps_after_too_many_tries(desk: Client, alice: User) -> None:
    from accounts.payment_password.models import PaymentPassword

    lock_payment_password(alice)
    PaymentPassword.objects.filter(user=alice).update(is_reset_only=True)
    page = open_record(desk, alice)
    pass_the_check(desk, page, alice)
    desk.get(page)
    fresh(desk)
    answer = desk.post(f"{page}end-lock/payment-password/", {"reason": "checked by phone"})
    assert answer.status_code == 422
    assert payment_password_state(alice).is_locked


def test_a_record_opens_only_with_a_reason_and_the_customer_sees_it(
    desk: Client, alice: User
) -> None:
    for reason in ("", "abc"):
        sent = {"phone": str(alice.phone), "why": "call", "reason": reason}
        assert desk.post("/admin/desk/", sent).status_code == 422
    assert not SupportVisit.objects.exists()
    open_record(desk, alice)
    hers = Client()
    hers.force_login(alice)
    html = hers.get("/security/", headers={"accept-language": "en"}).content.decode()
    assert "Support looked at your record" in html


def test_the_first_page_leads_on_to_who_waits_and_to_what_is_open(
    desk: Client, alice: User, olivia: User
) -> None:
    from accounts.cases.services import open_case

    english = {"accept-language": "en"}
    assert "Nobody waits" in desk.get("/admin/desk/", headers=english).content.decode()
    open_case(user=alice, topic="locked", subject="Locked", body="I cannot sign in.")
    page = open_record(desk, alice)
    html = desk.get("/admin/desk/", headers=english).content.decode()
    assert "1 customer waits" in html
    assert page in html and "陈*远" in html and "陈思远" not in html
    other = Client()
    sign_in_staff(other, make_staff("Support"))
    assert page not in other.get("/admin/desk/").content.decode()


@pytest.mark.parametrize("typed", ["+8613999999999", "1380013", "%", "nobody", "1380013602x"])
def test_only_the_whole_number_finds_somebody(desk: Client, alice: User, typed: str) -> None:
    assert desk.post("/admin/desk/", {"phone": typed, **REASON}).status_code == 422
    assert not SupportVisit.objects.exists()


def test_nobody_opens_their_own_record_or_a_colleagues(desk: Client, olivia: User) -> None:
    answer = desk.post("/admin/desk/", {"phone": str(olivia.phone), **REASON})
    assert answer.status_code == 422
    assert not SupportVisit.objects.exists()


def test_the_page_is_masked_and_holds_no_secret(desk: Client, alice: User) -> None:
    page = open_record(desk, alice)
    desk.post(f"{page}code/send/")
    code = read_code(str(alice.phone))
    html = desk.get(page).content.decode()
    number = decrypt(Identity.objects.get(user=alice).id_number_encrypted)
    for secret in (number, number[-6:], str(alice.phone)[3:], code, "陈思远"):
        assert secret not in html
    assert "陈*远" in html


def test_phone_and_name_are_shown_with_a_reason_once(desk: Client, alice: User) -> None:
    page = open_record(desk, alice)
    assert desk.post(f"{page}reveal/", {"reason": ""}).status_code == 422
    html = desk.post(f"{page}reveal/", {"reason": "has to call back"}).content.decode()
    assert str(alice.phone) in html
    assert "陈思远" in html
    assert "陈思远" not in desk.get(page).content.decode()
    assert SecurityEvent.objects.filter(user=alice, kind="support.revealed").count() == 1


def test_id_digits_may_be_tried_three_times(desk: Client, alice: User) -> None:
    page = open_record(desk, alice)
    for _ in range(3):
        assert desk.post(f"{page}digits/", {"digits": "000000"}).status_code == 422
    assert desk.post(f"{page}digits/", {"digits": id_digits(alice)}).status_code == 422
    assert CallerCheck.objects.get().id_matched_at is None


def test_who_has_no_id_on_record_is_checked_by_the_phone_alone(desk: Client) -> None:
    person = make_customer(id_number="")
    lock_payment_password(person)
    page = open_record(desk, person)
    desk.post(f"{page}code/send/")
    desk.post(f"{page}code/", {"code": read_code(str(person.phone))})
    desk.get(page)
    fresh(desk)
    desk.post(f"{page}end-lock/payment-password/", {"reason": "checked by phone"})
    assert not payment_password_state(person).is_locked


def test_a_visit_belongs_to_its_agent_and_ends(
    desk: Client, alice: User, settings: Any, client: Client
) -> None:
    page = open_record(desk, alice)
    other = Client()
    sign_in_staff(other, make_staff("Support"))
    assert other.get(page).status_code == 404
    settings.SUPPORT = {**settings.SUPPORT, "visit_seconds": 0}
    assert desk.get(page)["Location"] == "/admin/desk/"
    visit = SupportVisit.objects.get()
    with pytest.raises(errors.VisitOver):
        services.check_id_digits(visit=visit, digits="123456")


def test_the_wrong_code_leaves_the_caller_unchecked(desk: Client, alice: User) -> None:
    page = open_record(desk, alice)
    assert desk.post(f"{page}code/", {"code": "123456"}).status_code == 422
    desk.post(f"{page}code/send/")
    wrong = f"{(int(read_code(str(alice.phone))) + 1) % 10**6:06d}"
    assert desk.post(f"{page}code/", {"code": wrong}).status_code == 422
    assert CallerCheck.objects.get().code_matched_at is None


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_end_one_lock(olivia: User, alice: User) -> None:
    lock_payment_password(alice)
    visit = services.open_visit(
        agent=olivia, customer=alice, why="call", reason="cannot pay", address=""
    )
    now = timezone.now()
    CallerCheck.objects.filter(visit=visit).update(id_matched_at=now, code_matched_at=now)

    def end(number: int) -> str:
        try:
            services.end_lock(visit=visit, which="payment-password", reason="checked by phone")
        except errors.NothingLocked:
            return "nothing"
        return "ended"

    answers = all_at_once(10, end)
    assert sorted(map(str, answers)) == ["ended"] + ["nothing"] * 9
    assert SupportAction.objects.count() == 1


@pytest.mark.parametrize("table", ["accounts_supportvisit", "accounts_supportaction"])
def test_what_support_did_cannot_be_rewritten(desk: Client, alice: User, table: str) -> None:
    page = open_record(desk, alice)
    desk.post(f"{page}reveal/", {"reason": "has to call back"})
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET reason = 'nothing'")  # nosec B608


def test_wrong_tries_before_the_lock_stay_counted(alice: User, olivia: User) -> None:
    lock_payment_password(alice)
    visit = services.open_visit(
        agent=olivia, customer=alice, why="call", reason="cannot pay", address=""
    )
    now = timezone.now()
    CallerCheck.objects.filter(visit=visit).update(id_matched_at=now, code_matched_at=now)
    services.end_lock(visit=visit, which="payment-password", reason="checked by phone")
    with pytest.raises(PaymentPasswordWrong):
        check_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)
    assert payment_password_state(alice).tries_left <= 4


def test_the_customer_of_a_case_is_opened_by_who_has_taken_it(
    desk: Client, olivia: User, alice: User
) -> None:
    from accounts.cases.services import assign, open_case

    story: dict[str, Any] = {"topic": "locked", "subject": "Locked", "body": "I cannot sign in."}
    cases = [open_case(user=alice, **story), open_case(phone=str(alice.phone), **story)]
    page = f"/admin/desk/?case={cases[0].public_id}"
    assert desk.get(page).status_code == 404
    assert desk.get("/admin/desk/?case=nonsense").status_code == 404
    for case in cases:
        assign(case=case, to=olivia)
        html = desk.get(f"/admin/desk/?case={case.public_id}").content.decode()
        assert case.number in html
        assert str(alice.phone)[-8:] not in html
        sent = {"case": str(case.public_id), "reason": "cannot sign in"}
        assert desk.post("/admin/desk/", {**sent, "reason": ""}).status_code == 422
        assert desk.post("/admin/desk/", sent).status_code == 302
        visit = SupportVisit.objects.latest("pk")
        assert (visit.customer, visit.case, visit.why) == (alice, case, "case")
    event = SecurityEvent.objects.filter(user=alice, kind="support.viewed").latest("pk")
    assert event.details["case"] == cases[1].number
