"""A browser that an attacker writes: cookies, forms, raw requests, many of them at one moment.

It follows no redirect and trusts no page; what it sends is what the test says.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPMessage
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

T = TypeVar("T")
Fields = Mapping[str, str] | Sequence[tuple[str, str]]

CSRF_COOKIE = "wallet-csrf"
CSRF_FIELD = "csrfmiddlewaretoken"
SESSION_COOKIE = "wallet"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Form:
    """One form of a page, as it would be sent untouched."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Page(HTMLParser):
    """Links and forms of a page."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._inside: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"a", "link"} and given.get("href"):
            self.links.append(urljoin(self.path, given["href"]))
        elif tag in {"img", "script", "use"} and (given.get("src") or given.get("href")):
            self.links.append(urljoin(self.path, given.get("src") or given["href"]))
        elif tag == "form":
            action = urljoin(self.path, given.get("action") or self.path)
            self._inside = Form(action, given.get("method", "get").lower())
            self.forms.append(self._inside)
        elif self._inside is not None and given.get("name"):
            self._note(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None

    def _note(self, tag: str, given: dict[str, str]) -> None:
        assert self._inside is not None
        is_choice = given.get("type") in {"radio", "checkbox"}
        if not is_choice or "checked" in given:
            self._inside.fields.setdefault(given["name"], given.get("value", ""))


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: HTTPMessage
    body: bytes
    path: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def location(self) -> str:
        return self.headers.get("Location") or ""

    @property
    def links(self) -> list[str]:
        return self._read().links

    @property
    def forms(self) -> list[Form]:
        return self._read().forms

    def form(self, holding: str) -> Form:
        """The form with a field of this name."""
        [found] = [form for form in self.forms if holding in form.fields]
        return found

    def _read(self) -> _Page:
        page = _Page(self.path)
        if "html" in (self.headers.get("Content-Type") or ""):
            page.feed(self.text)
        return page


class Browser:
    """One visitor with cookies of their own."""

    def __init__(self, port: int, broken: list[str] | None = None, **headers: str) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.headers = {"Accept-Language": "en", **headers}
        # Every answer of the 5xx kind, of all browsers of a test; the fixture looks at the end.
        self.broken = broken if broken is not None else []
        self.timeout_seconds = 30.0

    def copy(self) -> Browser:
        """Another window of the same person, or a thief with the same cookies."""
        other = Browser(self.port, self.broken, **self.headers)
        other.cookies = dict(self.cookies)
        return other

    def get(self, path: str, **headers: str) -> Answer:
        """Look at a page."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, fields: Fields = (), **headers: str) -> Answer:
        """Send a form with the token that this browser has."""
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
        return self.post_bare(path, [*pairs, (CSRF_FIELD, self.token())], **headers)

    def post_bare(self, path: str, fields: Fields = (), **headers: str) -> Answer:
        """Send a form exactly as given."""
        body = urlencode(fields).encode()
        return self.send("POST", path, body, {"Content-Type": FORM, **headers})

    def token(self) -> str:
        """The token of the forms; fetched from the door for a browser that has none."""
        if CSRF_COOKIE not in self.cookies:
            self.get("/sign-in/")
            if CSRF_COOKIE not in self.cookies:
                self.get("/me/")
        return self.cookies.get(CSRF_COOKIE, "")

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own."""
        sent = {**self.headers, **{k.replace("_", "-"): v for k, v in (headers or {}).items()}}
        if self.cookies and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = HTTPConnection("127.0.0.1", self.port, timeout=self.timeout_seconds)
        try:
            connection.request(method, path, body or None, sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read(), path)
        finally:
            connection.close()
        self._keep(answer)
        if answer.status >= 500:
            self.broken.append(f"{method} {path}: {answer.status}")
        return answer

    def _keep(self, answer: Answer) -> None:
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            if value.strip('"') and "max-age=0" not in line.lower():
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)


def together(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at one moment; what breaks is raised here."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        gate.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(run, acts))


def at_once(times: int, act: Callable[[int], T]) -> list[T]:
    """`act(0)` to `act(times - 1)` at one moment."""

    def bind(number: int) -> Callable[[], T]:
        return lambda: act(number)

    return together([bind(number) for number in range(times)])


def tally(answers: Sequence[Any]) -> dict[int, int]:
    """How often each status came."""
    found: dict[int, int] = {}
    for answer in answers:
        found[answer.status] = found.get(answer.status, 0) + 1
    return found


def local_path(address: str) -> str:
    """Path and query of an address on our host; "" for one elsewhere."""
    parts = urlsplit(address)
    if parts.netloc and not parts.netloc.startswith("127.0.0.1"):
        return ""
    if parts.scheme not in {"", "http", "https"}:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
