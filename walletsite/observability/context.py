"""What the code is at work on: the request, the payment, the task. Every log line says it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token

# Facts by name, in the order in which lines show them; nothing else gets into a line this way.
FACTS = ("request_id", "reference", "payment", "person", "task", "task_id")
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

Facts = Mapping[str, str]
_facts: ContextVar[Facts] = ContextVar("facts", default={})  # noqa: B039 (never changed in place)


def current_facts() -> Facts:
    """What is known now."""
    return _facts.get()


def start_anew(facts: Facts) -> Token[Facts]:
    """Forget what was before, remember these; the token undoes it."""
    return _facts.set({name: str(value) for name, value in facts.items() if name in FACTS})


def add_fact(name: str, value: object) -> None:
    """Remember one more thing, until the request or task ends."""
    _facts.set({**_facts.get(), name: str(value)})


def undo(token: Token[Facts]) -> None:
    """Go back to what was known before `start_anew`."""
    _facts.reset(token)


@contextmanager
def working_on(**facts: object) -> Iterator[None]:
    """Within the block these facts hold as well."""
    token = start_anew({**_facts.get(), **{name: str(value) for name, value in facts.items()}})
    try:
        yield
    finally:
        undo(token)


def new_request_id() -> str:
    """32 hex digits."""
    return uuid.uuid4().hex


def is_request_id(text: str) -> bool:
    """Whether a text is a request id that a proxy would send: 8 to 64 plain characters."""
    return _WELL_FORMED.fullmatch(text) is not None
