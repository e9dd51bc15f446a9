"""The preview names every bad line, and a file tells no more than single transfers do."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.users.models import User
from payments.transfers.batch.problems import list_problems
from payments.transfers.batch.selectors import list_lines
from payments.transfers.batch.tests.builders import (
    HEADER,
    authorised,
    crowd,
    problems,
    text_for,
    uploaded,
)
from payments.wallets.selectors import get_wallet_for
from tests.cast import make_customer, make_phone, wallet_with
from tests.limits import with_limits

pytestmark = pytest.mark.django_db

BOB = "13900134412"
BAD = [
    (",5,,", "payee", "payee.empty"),
    ("12,5,,", "payee", "payee.shape"),
    ("1.39E+10,5,,", "payee", "payee.rounded"),
    ("13712345678,5,,", "payee", "payee.none"),
    ("13800136027,5,,", "payee", "payee.self"),
    ('"=""13900134412""",5,,', "payee", "text.formula"),
    ("@SUM(A1),5,,", "payee", "text.formula"),
    ("139\u200b00134412,5,,", "payee", "text.unseen"),
    (f"{BOB},,,", "amount", "amount.empty"),
    (f"{BOB},0,,", "amount", "amount.bad"),
    (f"{BOB},-5,,", "amount", "amount.bad"),
    (f"{BOB},1.005,,", "amount", "amount.bad"),
    (f"{BOB},1e3,,", "amount", "amount.bad"),
    (f'{BOB},"1,000",,', "amount", "amount.bad"),
    (f"{BOB},五,,", "amount", "amount.bad"),
    (f"{BOB},½,,", "amount", "amount.bad"),
    (f"{BOB},=1+1,,", "amount", "text.formula"),
    (f"{BOB},5000.01,,", "amount", "amount.single"),
    (f"{BOB},5,{'x' * 41},", "note", "note.long"),
    (f'{BOB},5,"a\nb",', "note", "text.unseen"),
    (f"{BOB},5,a\u202eb,", "note", "text.unseen"),
    (f"{BOB},5,=cmd|' /C calc'!A0,", "note", "text.formula"),
    (f"{BOB},5,+1,", "note", "text.formula"),
    (f"{BOB},5,,陈思远", "name", "name.differs"),
    (f"{BOB},5,,林", "name", "name.differs"),
    (f"{BOB},5,,=A1", "name", "text.formula"),
    (f"{BOB},5,,,extra", "line", "line.more"),
]


@pytest.fixture
def payer(alice: User, bob: User) -> User:
    wallet_with(alice, "8000.00")
    wallet_with(bob)
    return alice


@pytest.mark.parametrize(("line", "field", "code"), BAD)
def test_a_bad_line_is_named_with_its_field_and_how_to_mend_it(
    payer: User, line: str, field: str, code: str
) -> None:
    batch = uploaded(payer, HEADER + f"{BOB},7,good,\n" + line)

    assert problems(batch) == {3: [(field, code)]}
    assert (batch.line_count, batch.good_count, batch.good_minor) == (2, 1, 7_00)
    said = [list_problems(one) for one in list_lines(batch) if one.problems]
    assert len(said[0][0].text) > 20
    assert "%(" not in said[0][0].text


@pytest.mark.parametrize(
    "line",
    [
        f"{BOB},5,,",
        "139 0013 4412,5,,",
        "+86 139-0013-4412,5.5,午饭,",
        "'13900134412,5,,",
        "１３９００１３４４１２，５，，".replace("，", ","),
        f"{BOB},１２．５０,,",
        f"{BOB},5,,林晓",
        f"{BOB},5,,林*",
        f"{BOB},5,“quoted” – note,",
    ],
)
def test_what_people_write_is_understood(payer: User, line: str) -> None:
    batch = uploaded(payer, HEADER + line)

    assert problems(batch) == {}
    assert batch.lines.get().payee_key == "+8613900134412"


def test_full_width_digits_are_shown_as_they_are_read(payer: User) -> None:
    line = uploaded(payer, HEADER + f"{BOB},１２．５０,,").lines.get()

    assert (line.amount_typed, line.amount_minor) == ("12.50", 12_50)


def test_the_same_line_twice_is_a_fault_also_under_another_number(payer: User, bob: User) -> None:
    number = get_wallet_for(bob).number
    batch = uploaded(
        payer, HEADER + f"{BOB},5,lunch,\n{number},5.00,lunch,\n{BOB},5,dinner,\n{BOB},6,lunch,"
    )

    assert problems(batch) == {3: [("line", "line.duplicate")]}
    found = [list_problems(one) for one in list_lines(batch) if one.problems]
    assert "line 2" in found[0][0].text


def test_all_faults_of_a_line_are_named(payer: User) -> None:
    batch = uploaded(payer, HEADER + f"12,x,{'y' * 41},,z")

    assert {field for field, _code in problems(batch)[2]} == {"payee", "amount", "note", "line"}


def test_a_wallet_without_a_name_cannot_be_compared(payer: User) -> None:
    unnamed = make_customer("", id_number="")
    wallet_with(unnamed)

    batch = uploaded(payer, HEADER + f"{unnamed.phone},5,,林晓\n{unnamed.phone},5,,")

    assert problems(batch) == {2: [("name", "name.unknown")], 3: [("line", "line.duplicate")]}


def test_a_file_of_strangers_is_stopped_after_as_many_as_single_transfers(
    payer: User, settings: Any
) -> None:
    with_limits(settings, "payee.lookup", person=[(3, 60)])
    strangers = [make_phone() for _ in range(6)]
    text = HEADER + "\n".join(f"{phone},1,," for phone in strangers) + f"\n{BOB},1,,"

    batch = uploaded(payer, text)

    codes = [found[0][1] for found in problems(batch).values()]
    assert codes == ["payee.none"] * 3 + ["payee.not_checked"] * 4
    assert not batch.lines.filter(payee_wallet__isnull=False).exists()
    # Nor does the next file tell more.
    again = uploaded(payer, HEADER + "\n".join(f"{phone},1,," for phone in strangers[3:]))
    assert {found[0][1] for found in problems(again).values()} == {"payee.not_checked"}


def test_new_payees_are_counted_and_known_ones_are_not(payer: User, settings: Any) -> None:
    with_limits(settings, "batch.lookup", person=[(3, 3600)])
    people = crowd(4)

    first = uploaded(payer, text_for(people[:3]))
    again = uploaded(payer, text_for(people[:3]))
    more = uploaded(payer, text_for(people))

    assert problems(first) == problems(again) == {}
    assert problems(more) == {5: [("payee", "payee.not_checked")]}


def test_what_was_sent_keeps_nothing_of_what_was_typed(payer: User) -> None:
    batch = authorised(payer, HEADER + f"{BOB},5,lunch,林晓\n12,5,bad one,")

    typed = batch.lines.values_list("payee_typed", "amount_typed")
    assert set(typed) == {("", "")}
