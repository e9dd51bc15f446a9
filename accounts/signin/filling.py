"""Putting what was typed back into a page, whichever room made it.

The page is rewritten in place, tag by tag; everything else stays as it is, byte for byte. Only what
a person types or chooses is filled: never a hidden field, never a password.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

Attributes = list[tuple[str, str | None]]
_CHOSEN = frozenset({"checkbox", "radio"})
_NEVER = frozenset({"hidden", "password", "file", "submit", "button", "image", "reset"})


def fill_form(html: str, *, page: str, action: str, fields: dict[str, list[str]]) -> str:
    """The page with these values in the form that is sent to `action`; `page` is its own path."""
    filler = _Filler(page=page, action=urlsplit(action).path, fields=fields)
    filler.feed(html)
    filler.close()
    return "".join(filler.written)


class _Filler(HTMLParser):
    def __init__(self, *, page: str, action: str, fields: dict[str, list[str]]) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._page, self._action, self._fields = page, action, fields
        self._is_inside = False
        # The name of the select we are in; the value of the text area we are replacing.
        self._select: str | None = None
        self._is_dropping = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        raw, given = self.get_starttag_text() or "", dict(attrs)
        if tag == "form":
            target = urlsplit(given.get("action") or self._page).path
            is_post = (given.get("method") or "").lower() == "post"
            self._is_inside = is_post and target == self._action
        elif self._is_inside:
            raw = self._fill(tag, given, attrs, raw)
        self._write(raw)
        if self._is_inside and tag == "textarea" and (values := self._values(given)):
            self.written.append("\n" + escape(values[0]))
            self._is_dropping = True

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._is_dropping = False
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._is_inside = False
        self._write(f"</{tag}>")

    def _fill(self, tag: str, given: dict[str, str | None], attrs: Attributes, raw: str) -> str:
        if tag == "select":
            self._select = given.get("name") if self._values(given) is not None else None
        elif tag == "option" and self._select:
            is_chosen = (given.get("value") or "") in self._fields[self._select]
            return _tag(tag, attrs, "selected", "" if is_chosen else None)
        elif tag == "input" and (values := self._values(given)) is not None:
            kind = (given.get("type") or "text").lower()
            if kind in _CHOSEN:
                is_chosen = (given.get("value") or "on") in values
                return _tag(tag, attrs, "checked", "" if is_chosen else None)
            if kind not in _NEVER and values:
                return _tag(tag, attrs, "value", values[0])
        return raw

    def _values(self, given: dict[str, str | None]) -> list[str] | None:
        return self._fields.get(given.get("name") or "")

    def _write(self, text: str) -> None:
        if not self._is_dropping:
            self.written.append(text)

    def handle_data(self, data: str) -> None:
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._write(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._write(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._write(f"<!{decl}>")


def _tag(tag: str, attrs: Attributes, name: str, value: str | None) -> str:
    """The tag with one attribute set, or taken off for None; "" for one that is just there."""
    kept = [(each, text) for each, text in attrs if each != name]
    if value is not None:
        kept.append((name, value))
    written = (each if text is None else f'{each}="{escape(text)}"' for each, text in kept)
    return f"<{' '.join([tag, *written])}>"
