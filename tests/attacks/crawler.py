"""Walks every page that the site links to, and gathers its forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.attacks.client import Answer, Browser, Form, local_path

MOST_PAGES = 250
# Addresses that differ in their query or id alone are looked at this often.
_ALIKE = 3
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/)\d+(?=/)")


@dataclass
class Harvest:
    """What a crawl found."""

    pages: dict[str, Answer] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)

    @property
    def posts(self) -> list[Form]:
        """One form for each action that changes something."""
        return [form for form in self.forms.values() if form.method == "post"]


def shape_of(path: str) -> str:
    """The address without ids and without its query."""
    return _ID.sub("*", path.split("?")[0])


def crawl(browser: Browser, starts: Iterable[str]) -> Harvest:
    """Every page that can be reached by links and by forms that only ask (GET)."""
    found, waiting, alike = Harvest(), list(starts), Counter[str]()
    seen = set(waiting)
    while waiting and len(found.pages) < MOST_PAGES:
        path = waiting.pop(0)
        answer = browser.get(path)
        found.pages[path] = answer
        leads = [*answer.links, answer.location]
        for form in answer.forms:
            target = local_path(form.action)
            assert target.startswith("/"), f"{path} has a form that leads to {form.action}"
            found.forms.setdefault(f"{form.method} {shape_of(target)}", form)
            if form.method == "get":
                leads.append(target)
        for lead in leads:
            target = local_path(lead).split("#")[0]
            if not target or target in seen or alike[shape_of(target)] >= _ALIKE:
                continue
            alike[shape_of(target)] += 1
            seen.add(target)
            waiting.append(target)
    return found
