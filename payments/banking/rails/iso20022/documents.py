"""Reading a document from bytes that nobody vouches for, and checking it against its schema.

Refused before anything is looked at: too large, not UTF-8, a DOCTYPE (entities: XXE, billion
laughs), not well-formed (a file cut in half), a message we do not take, not valid against the
official schema. A fault names the place in the document, never what stands there: names and
account numbers do not belong in a log.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from payments.banking.rails.iso20022.texts import parse_amount

SCHEMAS = Path(__file__).resolve().parent / "schemas"
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
PAIN_001 = "pain.001.001.09"
PAIN_002 = "pain.002.001.12"
PAIN_002_OLD = "pain.002.001.03"
CAMT_053 = "camt.053.001.08"
CAMT_054 = "camt.054.001.08"
INCOMING = (PAIN_002, PAIN_002_OLD, CAMT_053, CAMT_054)

# lxml has no types of its own.
Element = Any
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']*)")


class DocumentRefused(Exception):
    """A document that must not be used. `code` is stable; `where` names the place, no content."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} {where}".strip())
        self.code = code
        self.where = where


@dataclass(frozen=True, slots=True)
class Document:
    """A checked document: which message it is, and the element below its root."""

    kind: str
    body: Element


def read_document(
    content: bytes, *, accepted: Collection[str] = INCOMING, most_bytes: int
) -> Document:
    """The document in `content`, valid against the schema of its own version.

    Raises DocumentRefused with "too_large", "encoding", "doctype", "not_xml", "schema_version"
    or "schema".
    """
    if len(content) > most_bytes:
        raise DocumentRefused("too_large", f"{len(content)} bytes")
    _check_bytes(content)
    root = _parse(content)
    kind = _kind(root)
    if kind not in accepted:
        raise DocumentRefused("schema_version", kind[:60])
    check_schema(kind, root)
    return Document(kind=kind, body=root[0])


def check_schema(kind: str, root: Element) -> None:
    """Raise DocumentRefused("schema") unless the document is valid."""
    schema = _schema(kind)
    if not schema.validate(root):
        first = schema.error_log[0]
        raise DocumentRefused("schema", f"line {first.line}, {_place(first.path)}")


def _check_bytes(content: bytes) -> None:
    """Only UTF-8 that says nothing else of itself, and no DOCTYPE, before any parser sees it."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentRefused("encoding", f"byte {error.start}") from None
    declared = _DECLARED.match(content)
    # UTF-16 of plain letters would pass for UTF-8 with zero bytes in it.
    if b"\x00" in content or (declared and declared[1].upper() not in (b"UTF-8", b"UTF8")):
        raise DocumentRefused("encoding", "declaration")
    if b"<!DOCTYPE" in content:
        raise DocumentRefused("doctype")


def _parse(content: bytes) -> Element:
    # Comments and instructions are dropped, so that "1<!-- -->0" reads 10 for us as for the schema.
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise DocumentRefused("not_xml", f"line {line}" if line else "") from None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None or info.externalDTD is not None:
        raise DocumentRefused("doctype")
    return root


def _kind(root: Element) -> str:
    name = etree.QName(root)
    if name.localname != "Document" or len(root) != 1:
        return ""
    return (name.namespace or "").removeprefix(NAMESPACE)


@lru_cache(maxsize=8)
def _schema(kind: str) -> Any:
    return etree.XMLSchema(file=str(SCHEMAS / f"{kind}.xsd"))


def _place(path: str | None) -> str:
    return (path or "").replace("*/", "").replace("*", "")[-120:]


# --- Looking into a document: elements by their short names, namespaces left out ----------


def children(element: Element, name: str) -> list[Element]:
    """The direct children with this name."""
    return element.findall(f"{{*}}{name}")


def child(element: Element, path: str) -> Element | None:
    """The first element at "A/B/C" below `element`, or None."""
    return element.find("/".join(f"{{*}}{name}" for name in path.split("/")))


def text(element: Element, path: str) -> str:
    """The text at a path, without the white space around it; "" when there is none."""
    found = child(element, path)
    return "" if found is None else "".join(found.itertext()).strip()


def each(element: Element, path: str) -> Iterator[Element]:
    """All elements at a path."""
    yield from element.iterfind("/".join(f"{{*}}{name}" for name in path.split("/")))


def amount_of(element: Element) -> tuple[int, str]:
    """Minor units and currency of an amount element. Raises DocumentRefused("amount")."""
    try:
        return parse_amount("".join(element.itertext())), element.get("Ccy", "")
    except ValueError:
        raise DocumentRefused("amount", f"line {element.sourceline}") from None


def account_of(element: Element, path: str) -> str:
    """The account number at a path: an IBAN or any other."""
    return text(element, f"{path}/Id/Othr/Id") or text(element, f"{path}/Id/IBAN")
