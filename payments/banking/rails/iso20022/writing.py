"""Putting a document together, and turning it into the bytes of a file."""

from __future__ import annotations

from lxml import etree

from payments.banking.rails.iso20022.documents import (
    NAMESPACE,
    Document,
    Element,
    check_schema,
)


def new_document(kind: str, body: str) -> Document:
    """An empty document with the element that the message's name stands for."""
    space = NAMESPACE + kind
    root = etree.Element(f"{{{space}}}Document", nsmap={None: space})
    return Document(kind, etree.SubElement(root, f"{{{space}}}{body}"))


def put(parent: Element, path: str, value: str | None = None, **attributes: str) -> Element:
    """Append new elements "A/B/C" below `parent`, the text in the last one; that last one."""
    space = etree.QName(parent).namespace
    for name in path.split("/"):
        parent = etree.SubElement(parent, f"{{{space}}}{name}")
    parent.text = value
    for name, said in attributes.items():
        parent.set(name, said)
    return parent


def to_bytes(document: Document) -> bytes:
    """The bytes of the file, valid against the schema. Raises DocumentRefused("schema")."""
    root = document.body.getparent()
    check_schema(document.kind, root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written
