"""What every rendered page must hold, checked on its HTML alone."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_JAVASCRIPT = re.compile(r"^\s*javascript:", re.IGNORECASE)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)  # fmt: skip


class _Reader(HTMLParser):
    """Collects what the content policy would refuse, and what a page must have once."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.pointed: list[str] = []
        self.counts: dict[str, int] = {}
        self.lang = ""
        self.title = ""
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag not in _VOID:
            self._inside.append(tag)
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag == "style":
            self.faults.append("an inline <style>")
        if tag == "script" and not given.get("src"):
            self.faults.append("an inline <script>")
        for name, value in given.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                self.faults.append(f"<{tag} {name}=...>")
            if name in {"href", "src", "action", "formaction"} and _JAVASCRIPT.match(value):
                self.faults.append(f"<{tag} {name}={value}>")
        if tag == "a" and given.get("href") == "":
            self.faults.append("a link that leads nowhere")
        if tag == "form" and given.get("method", "get").lower() not in {
            "get",
            "post",
            "dialog",
        }:
            self.faults.append("a form with an unknown method")
        if "id" in given:
            self.ids.append(given["id"])
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            self.pointed += [f"{name} {target}" for target in given.get(name, "").split()]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] == "title" and "svg" not in self._inside:
            self.title += data


def page_faults(html: str) -> list[str]:
    """Every fault of a whole page: inline code, doubled ids, dead references, missing parts."""
    reader = _Reader()
    reader.feed(html)
    faults = reader.faults
    faults += [
        f"id {one} stands twice" for one in sorted(set(reader.ids)) if reader.ids.count(one) > 1
    ]
    known = set(reader.ids)
    faults += [f"{ref} points nowhere" for ref in reader.pointed if ref.split()[1] not in known]
    for tag in ("h1", "main", "title"):
        if reader.counts.get(tag, 0) != 1:
            faults.append(f"{reader.counts.get(tag, 0)} <{tag}> instead of one")
    if not reader.lang:
        faults.append("no lang on <html>")
    if reader.title.strip().startswith("·"):
        faults.append("an empty title")
    if "{%" in html or "{{" in html or "{#" in html:
        faults.append("template code that was not rendered")
    return faults


def assert_page_is_clean(html: str) -> None:
    """Fail with the list of faults of a page, if it has any."""
    faults = page_faults(html)
    assert not faults, "\n".join(faults)
