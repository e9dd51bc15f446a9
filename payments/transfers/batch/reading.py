"""From the bytes of a file to its lines. Any bytes give lines or a `FileRefused`, never a crash.

Read are UTF-8 with and without a byte order mark, UTF-16 with one, and GB18030, as spreadsheets in
China write it; comma, semicolon or tab between the fields; quoted fields (RFC 4180).
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from payments.transfers.batch.errors import FileRefused

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEPARATORS = ",;\t"
_MOST_CELLS = 50
_MOST_CELL = 4_000

COLUMNS = ("payee", "amount", "note", "name")
# Header words, without spaces and case.
_NAMES = {
    "payee": "payee",
    "phone": "payee",
    "mobile": "payee",
    "phoneorwalletnumber": "payee",
    "walletnumber": "payee",
    "wallet": "payee",
    "收款方": "payee",
    "收款人": "payee",
    "收款账号": "payee",
    "手机号": "payee",
    "手机号码": "payee",
    "手机": "payee",
    "手机号或钱包号": "payee",
    "钱包号": "payee",
    "amount": "amount",
    "金额": "amount",
    "转账金额": "amount",
    "金额(元)": "amount",
    "note": "note",
    "remark": "note",
    "memo": "note",
    "附言": "note",
    "备注": "note",
    "name": "name",
    "payeename": "name",
    "姓名": "name",
    "收款人姓名": "name",
    "收款方姓名": "name",
}


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line as it stands in the file. `number` is where it begins, counted from 1."""

    number: int
    payee: str
    amount: str
    note: str
    name: str
    has_more: bool


def read_lines(content: bytes, *, most_lines: int, most_bytes: int) -> list[RawLine]:
    """The lines of the file, empty ones left out. Raises `FileRefused`."""
    if len(content) > most_bytes:
        raise FileRefused(
            _("The file is larger than %(most)s kB. Split it."),
            code="too_large",
            params={"most": most_bytes // 1024},
        )
    rows = _split(_decode(content))
    if not rows:
        raise FileRefused(_("The file is empty. Start from the template below."), code="empty")
    columns = _header(rows[0][1])
    if columns is None:
        columns = COLUMNS
    else:
        rows = rows[1:]
    if not rows:
        raise FileRefused(_("The file has a header and no lines under it."), code="header_only")
    if len(rows) > most_lines:
        raise FileRefused(
            _("The file has %(lines)s lines; at most %(most)s go at once. Split it."),
            code="too_many",
            params={"lines": len(rows), "most": most_lines},
        )
    return [_to_line(number, cells, columns) for number, cells in rows]


def _decode(content: bytes) -> str:
    encodings = ["utf-16"] if content.startswith(_UTF_16) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise FileRefused(
        _("This is no CSV file. In the spreadsheet choose Save as, then CSV (UTF-8)."),
        code="not_text",
    )


def _split(text: str) -> list[tuple[int, list[str]]]:
    """The rows with anything in them, each with the line on which it begins."""
    lines = list(io.StringIO(text, newline=""))
    skipped = 0
    if lines and lines[0].strip().lower() in {"sep=,", "sep=;", "sep=\t"}:
        skipped, lines = 1, lines[1:]
    first = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=_separator(first), strict=True)
    rows: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) > _MOST_CELLS or max(map(len, cells)) > _MOST_CELL:
                    raise csv.Error("too wide")
                rows.append((begins + skipped, cells))
            begins = reader.line_num + 1
    except csv.Error:
        raise FileRefused(
            _(
                "Line %(line)s cannot be read: a quotation mark is left open or stands in the "
                "middle, or the line is much too long. Mend it in the spreadsheet and save again."
            ),
            code="quotes",
            params={"line": begins + skipped},
        ) from None
    return rows


def _separator(line: str) -> str:
    """What stands between the fields of the first line, outside quotes."""
    bare = "".join(line.split('"')[::2])
    return max(_SEPARATORS, key=lambda one: (bare.count(one), -_SEPARATORS.index(one)))


def _header(cells: list[str]) -> tuple[str, ...] | None:
    """The columns by their names; None when the first row is a line already."""
    words = [
        "".join(cell.split()).casefold().replace("（", "(").replace("）", ")") for cell in cells
    ]
    columns = tuple(_NAMES.get(word, "") for word in words)
    if not any(columns):
        return None
    for needed, said in (("payee", _("Payee")), ("amount", _("Amount"))):
        if columns.count(needed) != 1:
            raise FileRefused(
                _("The first line names the columns, and “%(column)s” must be there once."),
                code="header",
                params={"column": said},
            )
    return columns


def _to_line(number: int, cells: list[str], columns: tuple[str, ...]) -> RawLine:
    """A column that the header names otherwise is not read; one beyond the header is too many."""
    found = dict.fromkeys(COLUMNS, "")
    for column, cell in zip(columns, cells, strict=False):
        if column and not found[column]:
            found[column] = cell
    return RawLine(
        number=number,
        has_more=any(cell.strip() for cell in cells[len(columns) :]),
        **found,
    )
