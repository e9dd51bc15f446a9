"""The documents themselves: what we write is valid for others, what we read is what was meant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.banking.rails.iso20022.credit_transfers import (
    Batch,
    CreditTransfer,
    Party,
    build_credit_transfers,
    read_credit_transfers,
)
from payments.banking.rails.iso20022.documents import (
    CAMT_053,
    CAMT_054,
    INCOMING,
    PAIN_001,
    PAIN_002,
    SCHEMAS,
    DocumentRefused,
    read_document,
)
from payments.banking.rails.iso20022.statement_writing import build_statement
from payments.banking.rails.iso20022.statements import (
    CREDIT,
    DEBIT,
    Row,
    Statement,
    read_statements,
)
from payments.banking.rails.iso20022.status_reports import (
    OrderStatus,
    PaymentStatus,
    Status,
    StatusReport,
    build_status_report,
    read_status_report,
)
from payments.banking.rails.iso20022.texts import amount_text, clean_text, parse_amount
from tests.vendored import find_faults

pytestmark = pytest.mark.once
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MOST = 1 << 20
OURS = Party("示例银行钱包", "99990000000000000018", "999100000015")
amounts = st.integers(min_value=1, max_value=10**13)
names = st.text(min_size=1, max_size=200).filter(lambda name: clean_text(name, most=140))


@lru_cache(maxsize=8)
def schema_of(kind: str) -> xmlschema.XMLSchema:
    """Another validator than the one the product uses, on the same official schema."""
    return xmlschema.XMLSchema(SCHEMAS / f"{kind}.xsd")


def is_valid_for_others(kind: str, content: bytes) -> bool:
    return bool(schema_of(kind).is_valid(BytesIO(content)))


def told_in(content: bytes) -> Any:
    """What another reader finds in a pain.001."""
    return schema_of(PAIN_001).to_dict(BytesIO(content))


def batch(transfers: list[CreditTransfer]) -> Batch:
    return Batch("W1", NOW, NOW.date(), OURS, transfers)


def refused(content: bytes, most: int = MOST) -> str:
    with pytest.raises(DocumentRefused) as caught:
        document = read_document(content, most_bytes=most)
        read_statements(document)
    return caught.value.code


def statement(rows: list[Row], **changes: object) -> bytes:
    facts = {
        "kind": CAMT_053,
        "identification": "ST1",
        "account": "9999",
        "currency": "CNY",
        "sequence": 1,
        "opening_minor": 100_00,
        "closing_minor": 100_00 + sum(row.signed_minor for row in rows if row.is_booked),
        "closed_on": date(2026, 11, 23),
    }
    told = Statement(rows=rows, **{**facts, **changes})  # type: ignore[arg-type]
    return build_statement(told, message_id="M1", created_at=NOW)


def row(number: int = 1, direction: str = DEBIT, minor: int = 10_50, **facts: object) -> Row:
    return Row(number, direction, minor, "CNY", True, **facts)  # type: ignore[arg-type]


def test_the_schemas_are_those_that_were_listed() -> None:
    assert find_faults() == []
    assert {path.stem for path in SCHEMAS.glob("*.xsd")} == {*INCOMING, PAIN_001}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(amounts, names), min_size=1, max_size=5))
def test_every_batch_is_valid_and_says_what_was_ordered(orders: list[tuple[int, str]]) -> None:
    transfers = [
        CreditTransfer(f"W{number}", minor, "CNY", Party(name, "6210990000000013"))
        for number, (minor, name) in enumerate(orders)
    ]
    content = build_credit_transfers(batch(transfers))
    assert is_valid_for_others(PAIN_001, content)
    told = told_in(content)["CstmrCdtTrfInitn"]
    total = amount_text(sum(minor for minor, _name in orders))
    for totals in (told["GrpHdr"], told["PmtInf"][0]):
        assert totals["NbOfTxs"] == str(len(orders))
        assert str(totals["CtrlSum"]) == total
    read = read_credit_transfers(read_document(content, accepted=[PAIN_001], most_bytes=MOST))
    assert [(each.amount_minor, each.creditor.name) for each in read.transfers] == [
        (minor, clean_text(name, most=140)) for minor, name in orders
    ]


def test_a_name_without_a_letter_that_xml_can_carry_is_refused() -> None:
    transfer = CreditTransfer("W1", 1, "CNY", Party("\x00\x0b", "6210990000000013"))
    with pytest.raises(DocumentRefused) as caught:
        build_credit_transfers(batch([transfer]))
    assert caught.value.code == "schema"
    assert "6210990000000013" not in str(caught.value)


def test_a_chinese_name_keeps_140_characters_and_its_clearing_code() -> None:
    payee = Party("陈" * 200, "6210990000000013", "999100000015")
    content = build_credit_transfers(batch([CreditTransfer("W1", 1, "CNY", payee)]))
    assert is_valid_for_others(PAIN_001, content)
    transfer = told_in(content)["CstmrCdtTrfInitn"]["PmtInf"][0]["CdtTrfTxInf"][0]
    assert transfer["Cdtr"]["Nm"] == "陈" * 140
    assert transfer["CdtrAcct"]["Id"]["Othr"]["Id"] == "6210990000000013"
    member = transfer["CdtrAgt"]["FinInstnId"]["ClrSysMmbId"]
    assert (member["ClrSysId"]["Cd"], member["MmbId"]) == ("CNAPS", "999100000015")


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_amounts_go_there_and_back(minor: int) -> None:
    assert parse_amount(amount_text(minor)) == minor


@pytest.mark.parametrize("text", ["", "1,00", "1.005", "abc", "NaN", "Infinity", "1e20", "１e9x"])
def test_what_is_no_amount_in_minor_units_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_amount(text)


def test_trailing_zeros_are_no_fraction_of_a_minor_unit() -> None:
    assert parse_amount(" 10.50000 ") == 10_50


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), amounts, names, st.booleans()), max_size=6))
def test_statements_are_valid_and_read_as_they_were_meant(
    moves: list[tuple[bool, int, str, bool]],
) -> None:
    rows = [
        row(
            number,
            CREDIT if is_credit else DEBIT,
            minor,
            end_to_end_id=f"E{number}",
            is_return=is_return,
            return_reason="AC04" if is_return else "",
            other_name=clean_text(name, most=140),
            other_account="6210990000000013",
        )
        for number, (is_credit, minor, name, is_return) in enumerate(moves, 1)
    ]
    content = statement(rows)
    assert is_valid_for_others(CAMT_053, content)
    read = read_statements(read_document(content, most_bytes=MOST))[0]
    assert list(read.rows) == rows
    assert (read.opening_minor, read.closing_minor) == (100_00, 100_00 + read.booked_minor)


def test_a_notice_has_no_balances() -> None:
    content = statement([row(direction=CREDIT)], kind=CAMT_054)
    assert is_valid_for_others(CAMT_054, content)
    read = read_statements(read_document(content, most_bytes=MOST))[0]
    assert (read.opening_minor, read.closing_minor, len(read.rows)) == (None, None, 1)


def test_answers_are_valid_and_read_as_they_were_meant() -> None:
    report = StatusReport(
        "S1",
        "W1",
        PAIN_001,
        Status("PART"),
        2,
        None,
        [PaymentStatus("W1", Status(), [OrderStatus("E1", Status("RJCT", "AC01"), "B1")])],
    )
    content = build_status_report(report, created_at=NOW)
    assert is_valid_for_others(PAIN_002, content)
    assert read_status_report(read_document(content, most_bytes=MOST)) == report


GOOD = statement([row(other_name="陈思远", end_to_end_id="E1")])
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
LAUGHS = (
    b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)


def body_of(content: bytes) -> bytes:
    return content.split(b"?>", 1)[1]


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("not_xml", b""),
        ("not_xml", b"hello"),
        ("not_xml", HEAD),
        ("not_xml", GOOD + b"<x/>"),
        ("not_xml", GOOD.replace("陈思远".encode(), b"&who;")),
        ("doctype", HEAD + b"<!DOCTYPE Document>" + body_of(GOOD)),
        ("doctype", HEAD + LAUGHS + body_of(GOOD).replace("陈思远".encode(), b"&d;")),
        ("doctype", HEAD + b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
         + body_of(GOOD).replace("陈思远".encode(), b"&x;")),
        ("encoding", GOOD.decode().encode("utf-16")),
        ("encoding", body_of(GOOD).decode().encode("utf-16-le")),
        ("encoding", GOOD.decode().replace("UTF-8", "GB18030").encode("gb18030")),
        ("encoding", GOOD.replace(b"UTF-8", b"ISO-8859-1")),
        ("encoding", GOOD.replace("陈".encode(), b"\xff")),
        ("schema_version", GOOD.replace(b"camt.053.001.08", b"camt.053.001.02")),
        ("schema_version", GOOD.replace(b"camt.053.001.08", b"../../etc/passwd")),
        ("schema_version", b"<Document/>"),
        ("schema_version", build_credit_transfers(
            batch([CreditTransfer("W1", 1, "CNY", Party("Bob", "1"))]))),
        ("schema", GOOD.replace(b"<Cd>OPBD</Cd>", b"<Cd>TOOLONG</Cd>")),
        ("schema", GOOD.replace(b">10.50<", b">ten<")),
        ("schema", GOOD.replace(b">10.50<", b">-10.50<")),
        ("schema", GOOD.replace(b'Ccy="CNY"', b"")),
        ("amount", GOOD.replace(b">10.50<", b">10.505<")),
        ("balances", GOOD.replace(b"<Cd>CLBD</Cd>", b"<Cd>ITBD</Cd>")),
        ("balances", GOOD.replace(b"<Cd>CLBD</Cd>", b"<Cd>OPBD</Cd>")),
        ("totals", GOOD.replace(b">89.50<", b">89.51<")),
        ("totals", GOOD.replace(b"<Cd>BOOK</Cd>", b"<Cd>PDNG</Cd>")),
        ("currency", GOOD.replace(b'Ccy="CNY">100.00', b'Ccy="USD">100.00')),
        ("currency", GOOD.replace(b"<Ccy>CNY</Ccy>", b"<Ccy>USD</Ccy>")),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_is_refused_as_a_whole(code: str, content: bytes) -> None:
    assert content != GOOD
    assert refused(content) == code


def test_a_file_cut_anywhere_is_refused() -> None:
    end = GOOD.rindex(b">")
    for length in range(0, end, 37):
        refused(GOOD[:length])


def test_a_file_over_the_limit_is_refused_unread() -> None:
    assert refused(GOOD, most=len(GOOD) - 1) == "too_large"


def test_very_deep_and_very_long_documents_are_refused() -> None:
    assert refused(HEAD + b"<a>" * 100_000) == "not_xml"
    assert refused(b"<" + b"a" * 900_000 + b"/>") in {"not_xml", "schema_version"}


def test_a_comment_cannot_split_an_amount() -> None:
    split = GOOD.replace(b">10.50<", b">10<!-- -->.50<")
    read = read_statements(read_document(split, most_bytes=MOST))[0]
    assert read.rows[0].amount_minor == 10_50


@pytest.mark.parametrize(("page", "last"), [("1", "false"), ("2", "true")])
def test_a_part_of_a_longer_statement_is_refused(page: str, last: str) -> None:
    pages = f"<StmtPgntn><PgNb>{page}</PgNb><LastPgInd>{last}</LastPgInd></StmtPgntn>"
    content = GOOD.replace(b"<Id>ST1</Id>", b"<Id>ST1</Id>" + pages.encode())
    assert refused(content) == "paged"


def bundle(*parts: tuple[str, str]) -> bytes:
    """A statement whose one entry of 30.00 bundles these (amount, reference)."""
    details = "".join(
        f"<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>"
        f'<Amt Ccy="CNY">{amount}</Amt></TxDtls>'
        for amount, reference in parts
    )
    content = statement([row(minor=30_00)]).decode()
    start, end = content.index("<NtryDtls>"), content.index("</NtryDtls>")
    return (content[:start] + "<NtryDtls>" + details + content[end:]).encode()


def test_a_bundled_entry_is_as_many_rows_as_it_has_parts() -> None:
    content = bundle(("10.00", "E1"), ("20.00", "E2"))
    read = read_statements(read_document(content, most_bytes=MOST))[0]
    assert [(each.number, each.amount_minor, each.end_to_end_id) for each in read.rows] == [
        (1, 10_00, "E1"),
        (2, 20_00, "E2"),
    ]


def test_a_bundle_that_does_not_add_up_is_refused() -> None:
    assert refused(bundle(("10.00", "E1"), ("20.01", "E2"))) == "totals"
    assert refused(bundle(("29.99", "E1"))) == "totals"
