"""Cases from both sides: opening, writing, taking, closing, and what is never stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.cases import errors, payments, services
from accounts.cases.models import Case, CaseChange, CaseMessage, CaseNote
from accounts.cases.numbers import new_number, parse_number
from accounts.cases.selectors import list_messages, list_queue, usual_wait_seconds
from accounts.cases.states import CaseState, Party
from accounts.cases.words import BLANK, BODY_MOST, clean_line, clean_text
from accounts.security.models import SecurityEvent
from accounts.users.models import User
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db


def open_case(user: User | None = None, body: str = "No code comes.", **more: Any) -> Case:
    return services.open_case(
        topic="no-code", subject="Code", body=body, user=user, **{"phone": "", **more}
    )


def test_a_case_goes_back_and_forth_and_ends(alice: User, olivia: User) -> None:
    case = open_case(alice)
    assert case.state == CaseState.OPEN
    assert case.waiting_since == case.opened_at
    services.assign(case=case, to=olivia)
    services.reply_as_staff(case=case, by=olivia, body="Please try again now.")
    case.refresh_from_db()
    assert (case.state, case.waiting_since) == (CaseState.WAITING_FOR_CUSTOMER, None)
    assert case.first_answered_at == case.unread_since
    services.reply_as_customer(case=case, body="It came, thank you.")
    case.refresh_from_db()
    assert case.state == CaseState.WAITING_FOR_SUPPORT
    assert case.waiting_since is not None
    assert case.unread_since is None
    services.close_case(case=case, by=olivia)
    case.refresh_from_db()
    assert case.is_closed
    with pytest.raises(errors.CaseIsClosed):
        services.reply_as_customer(case=case, body="And another thing.")
    services.reopen(case=case)
    assert Case.objects.get().state == CaseState.WAITING_FOR_SUPPORT
    assert [message.text for message in list_messages(case)] == [
        "No code comes.",
        "Please try again now.",
        "It came, thank you.",
    ]
    kinds = ["opened", "taken", "answered", "wrote", "closed", "reopened"]
    assert list(CaseChange.objects.values_list("kind", flat=True)) == kinds
    told = ["case.opened", "case.taken", "case.answered", "case.closed", "case.reopened"]
    events = SecurityEvent.objects.filter(user=alice, kind__startswith="case.").order_by("pk")
    assert list(events.values_list("kind", flat=True)) == told


def test_only_who_has_taken_a_case_answers_it(alice: User, olivia: User, bob: User) -> None:
    case = open_case(alice)
    for act in (
        lambda: services.reply_as_staff(case=case, by=olivia, body="Hello"),
        lambda: services.note_on_case(case=case, by=olivia, text="A note"),
        lambda: services.close_case(case=case, by=olivia),
    ):
        with pytest.raises(errors.CaseNotTaken):
            act()
    services.assign(case=case, to=olivia)
    services.assign(case=case, to=bob)
    with pytest.raises(errors.CaseNotTaken):
        services.reply_as_staff(case=case, by=olivia, body="Hello")
    with pytest.raises(errors.OwnCase):
        services.assign(case=open_case(olivia), to=olivia)
    assert not CaseMessage.objects.filter(author=Party.STAFF).exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("My ID is 310101199003072113.", f"My ID is {BLANK}."),
        ("身份证31010119900307211X号", f"身份证{BLANK}号"),
        ("old one 310101900307211", f"old one {BLANK}"),
        ("the code 482913 does not work", f"the code {BLANK} does not work"),
        ("验证码４８２９１３不对", f"验证码{BLANK}不对"),
        ("It said,4 8 2 9 1 3", f"It said,{BLANK}"),
        ("我的密码 quiet27a 不对", f"我的密码 {BLANK} 不对"),
        ("卡号6210 9900 0000 8817被拒", f"卡号{BLANK}被拒"),
        ("I got 482 913", f"I got {BLANK}"),
        ("card 6210 9900 0000 8817 was refused", f"card {BLANK} was refused"),
        ("my password is river27!", f"my password is {BLANK}"),
        ("密码是quietriver，进不去", f"密码是{BLANK}，进不去"),
        ("password: quiet-river", f"password: {BLANK}"),
        ("recovery ABCD-EFGH-2345-KLMN", f"recovery {BLANK}"),
        ("very ABCD EFGH JKLM NPQR", f"very {BLANK}"),
        ("freeze 7K3M 94QX ACDE FGHJ", f"freeze {BLANK}"),
        ("7k3m94qxacdefghj", BLANK),
        ("四八二九一三是验证码", f"{BLANK}是验证码"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(typed: str, kept: str) -> None:
    cleaned = clean_text(typed)
    assert cleaned.text == kept
    assert cleaned.has_blanks


@pytest.mark.parametrize(
    "typed",
    [
        "The password is wrong and the code is not coming.",
        "I paid 1,200,000.00 and 12.345678; the password page shows E-7F3K2.",
        "What they told them came back late; unquestionably.",
        "Call me: +86 138 0013 6027 or 13800136027.",
        "I paid ¥1200.50 on 2026-11-23 at 10:31, and ¥100000 before.",
        "I paid 7K3M 94QX ACDE with my card",
        "Payment 7K3M 94QX ACDE, case C-7K3M-94QX, error E-7F3K2",
        "转了100000元给林晓",
    ],
)
def test_what_is_no_secret_stays(typed: str) -> None:
    cleaned = clean_text(typed)
    assert cleaned.text == typed
    assert not cleaned.has_blanks


def test_nothing_unseen_is_kept_and_lines_stay() -> None:
    assert clean_text("a\u202eb\u200bc\x00\r\n\r\n\r\n\r\nd\te").text == "abc\n\nd e"
    assert clean_line("one\ntwo").text == "one two"
    with pytest.raises(errors.TextMissing):
        clean_text(" \u200b\n ")
    with pytest.raises(errors.TextTooLong):
        clean_text("x" * (BODY_MOST + 1))


def test_texts_are_encrypted_and_forgotten_with_the_key(alice: User, olivia: User) -> None:
    case = open_case(alice, body="Something very private")
    services.assign(case=case, to=olivia)
    services.note_on_case(case=case, by=olivia, text="Also private")
    rows = [*Case.objects.values(), *CaseMessage.objects.values(), *CaseNote.objects.values()]
    assert "private" not in str(rows)
    Case.objects.filter(pk=case.pk).update(key_encrypted="")
    case.refresh_from_db()
    assert (case.subject, [each.text for each in list_messages(case)]) == ("", [""])


def test_history_is_append_only(alice: User, olivia: User) -> None:
    case = open_case(alice)
    services.assign(case=case, to=olivia)
    services.note_on_case(case=case, by=olivia, text="A note")
    for model in (CaseMessage, CaseNote, CaseChange):
        table = model._meta.db_table
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # nosec B608
            with (
                pytest.raises(DatabaseError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_a_form_sent_twice_opens_one_case(alice: User, bob: User) -> None:
    key = uuid4()
    first = open_case(alice, form_key=key)
    assert open_case(alice, form_key=key) == first
    assert CaseMessage.objects.count() == 1
    # With other words, or from somebody else, it is another case: nothing that was written is lost.
    others = [
        open_case(alice, body="And another thing.", form_key=key),
        open_case(bob, form_key=key),
        open_case(phone=str(alice.phone), form_key=key),
    ]
    assert len({first, *others}) == CaseMessage.objects.count() == 4


def test_the_same_words_twice_in_a_row_are_one_message(alice: User, olivia: User) -> None:
    case = open_case(alice)
    services.assign(case=case, to=olivia)
    for _twice in range(2):
        services.reply_as_staff(case=case, by=olivia, body="Please try again.")
    for _twice in range(2):
        services.reply_as_customer(case=case, body="It came.")
    services.reply_as_staff(case=case, by=olivia, body="Please try again.")
    assert CaseMessage.objects.count() == 4
    assert SecurityEvent.objects.filter(kind="case.answered").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_at_once_opens_one_case(alice: User) -> None:
    key = uuid4()
    opened = all_at_once(5, lambda _number: open_case(alice, form_key=key).pk)
    assert len({*opened}) == 1
    assert CaseMessage.objects.count() == 1


def test_a_payment_is_named_only_by_its_owner(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        payments, "_checks", [lambda user, name: user == alice and name == "7K3M94QXACDE"]
    )
    case = open_case(alice, payment_reference="7k3m 94qx acde")
    assert case.payment_reference == "7K3M94QXACDE"
    for who in ({"user": bob}, {"user": None, "phone": str(alice.phone)}):
        with pytest.raises(errors.PaymentUnknown):
            open_case(**who, payment_reference="7K3M94QXACDE")


def test_one_customer_has_so_many_open_cases(alice: User, settings: Any) -> None:
    settings.CASES = {**settings.CASES, "most_open": 2}
    open_case(alice)
    services.close_case(case=open_case(alice))
    open_case(alice)
    with pytest.raises(errors.TooManyOpen):
        open_case(alice)


@pytest.mark.django_db(transaction=True)
def test_of_many_cases_opened_at_once_no_more_get_in_than_may(alice: User, settings: Any) -> None:
    settings.CASES = {**settings.CASES, "most_open": 3}
    results = all_at_once(8, lambda number: open_case(alice, body=f"Question {number}"))
    assert codes_of(results) == {"": 3, "case.many": 5}
    assert Case.objects.filter(user=alice).count() == 3


def test_who_waits_longest_is_on_top(alice: User, bob: User, olivia: User) -> None:
    answered, second, first = open_case(alice), open_case(bob), open_case(alice)
    early = timezone.now() - timedelta(hours=2)
    Case.objects.filter(pk=first.pk).update(waiting_since=early)
    services.assign(case=answered, to=olivia)
    services.reply_as_staff(case=answered, by=olivia, body="Done")
    assert list(list_queue()) == [first, second, answered]


def test_the_usual_wait_is_measured_or_not_named(alice: User) -> None:
    assert usual_wait_seconds() is None
    now = timezone.now()
    for minutes in (10, 30, 500):
        case = open_case(alice)
        Case.objects.filter(pk=case.pk).update(
            opened_at=now - timedelta(minutes=minutes), first_answered_at=now
        )
    assert usual_wait_seconds() == 30 * 60


def test_numbers_are_read_as_they_are_written_down() -> None:
    number = new_number()
    assert parse_number(f" {number.lower().replace('-', ' ')} ") == number
    assert parse_number(number.removeprefix("C-")) == number
    for wrong in ("", "C-7K3M-94", "C-0000-1111", number + "A", "X" * 500):
        assert parse_number(wrong) is None
