"""From bytes to lines: what spreadsheets write is read, and anything else is refused in words."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payments.transfers.batch.errors import FileRefused
from payments.transfers.batch.reading import RawLine, read_lines

LINES = "收款方,金额,附言,姓名\n13900134412,12.50,午饭,林晓\n"


def read(content: bytes) -> list[RawLine]:
    return read_lines(content, most_lines=500, most_bytes=256 * 1024)


@pytest.mark.parametrize(
    "content",
    [
        LINES.encode(),
        LINES.encode("utf-8-sig"),
        LINES.encode("gb18030"),
        LINES.encode("utf-16"),
        LINES.replace("\n", "\r\n").encode(),
        LINES.replace("\n", "\r").encode(),
        LINES.replace(",", ";").encode(),
        LINES.replace(",", "\t").encode(),
        ("sep=;\n" + LINES.replace(",", ";")).encode(),
        ("\n\n" + LINES + "\n,,,\n").encode(),
        '收款方,金额,附言,姓名\n"13900134412","12.50","午饭","林晓"'.encode(),
        "姓名,附言,金额,部门,手机号\n林晓,午饭,12.50,三部,13900134412\n".encode(),
        "Payee, Amount ,NOTE,name\n13900134412,12.50,午饭,林晓\n".encode(),
        "13900134412,12.50,午饭,林晓\n".encode(),
        "13900134412,12.50,午饭,林晓".encode(),
    ],
)
def test_what_spreadsheets_write_is_read(content: bytes) -> None:
    (line,) = read(content)

    assert (line.payee, line.amount, line.note, line.name) == (
        "13900134412",
        "12.50",
        "午饭",
        "林晓",
    )
    assert not line.has_more


def test_numbers_are_those_of_the_lines_in_the_file() -> None:
    found = read(b'payee,amount,note\n1,2,"a\nb"\n\n3,4,c\n5,6,d,e,f\n')

    assert [(line.number, line.note, line.has_more) for line in found] == [
        (2, "a\nb", False),
        (5, "c", False),
        (6, "d", True),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "batch.empty"),
        (b" \n,,\n", "batch.empty"),
        (b"payee,amount\n", "batch.header_only"),
        (b"payee,note\n1,2\n", "batch.header"),
        (b"payee,amount,payee\n1,2,3\n", "batch.header"),
        (b'1,"2\n3,4\n', "batch.quotes"),
        (b'1,"2"3,4\n', "batch.quotes"),
        (b"1," + b"2" * 5000, "batch.quotes"),
        (b"1," + b'"' + b"2" * 200_000 + b'"', "batch.quotes"),
        (b"1,2\x00\n", "batch.not_text"),
        (b"\xff\xfe\x00", "batch.not_text"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "batch.not_text"),
        (b"\xff\xff\xff", "batch.not_text"),
        (b"1,2\n" * 501, "batch.too_many"),
        (b"x" * (256 * 1024 + 1), "batch.too_large"),
    ],
)
def test_what_is_no_list_is_refused_in_words(content: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(content)

    assert refused.value.code == code
    assert len(str(refused.value.message)) > 20


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.text(alphabet='payee,amount;"\t\r\n12.\x00\u2028＝', max_size=200).map(str.encode),
        st.text(max_size=100).map(lambda text: text.encode("gb18030", "ignore")),
        st.text(max_size=100).map(lambda text: text.encode("utf-16", "ignore")),
    )
)
@example(b'"')
@example(b"\r")
@example(b"sep=,\n")
@example(b"\xef\xbb\xbf")
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        found = read(content)
    except FileRefused as refused:
        assert str(refused.message)
    else:
        assert found
        assert [line.number for line in found] == sorted({line.number for line in found})


_CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\n"), min_size=1, max_size=30
).filter(lambda text: text.strip() != "")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_is_what_is_read(
    rows: list[tuple[str, str, str]], separator: str, encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(["payee", "amount", "note"])
    writer.writerows(rows)

    found = read(out.getvalue().encode(encoding))

    assert [(line.payee, line.amount, line.note) for line in found] == rows
