"""Pages over HTTP: confirming beside an empty page, lists of long histories, weight and memory.

`python -m tests.bench.pages` alone, or as the last part of `make bench`. BENCH_RECORDS names the
lengths of the histories.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from tests.attacks.client import Answer, Browser
from tests.faults.tree import Tree

CLIENTS = 4
# Short rounds, one after the other, so that noise meets all sides.
ROUNDS = 5
PER_ROUND = 20
# Looking up a payee whom one knows is counted, too: 120 a minute.
PAYMENTS = ROUNDS * PER_ROUND
LENGTHS = [int(word) for word in os.environ.get("BENCH_RECORDS", "1000 100000 1000000").split()]
LISTS = {
    "list": "/activity/",
    "list, one kind, one way": "/activity/?kind=transfer&direction=in",
    "search, common word": "/activity/?q=lunch",
    "search, no hit": "/activity/?q=nothing+has+this",
}
PAGES = ["/home/", "/activity/", "/transfer/", "/top-up/", "/me/", "/security/"]
Say = Callable[[str], None]


def main() -> None:
    """Measure and print."""
    for line in measure(lambda line: print(f"  {line}", flush=True)):
        print(line)


def measure(say: Say) -> list[str]:
    """Everything there is to say, as lines of a table."""
    say("starting PostgreSQL, Redis, gunicorn, worker and beat")
    tree = Tree("postgresql", settings="tests.bench.site")
    try:
        people = tree.ask("people", str(CLIENTS + 1))
        lines = _confirming(tree, people, say)
        lines += _weights(_signed_in(tree, people[0]))
        lines += _lists(tree, say)
    finally:
        tree.close()
    say("starting what make run starts")
    tree = Tree("sqlite")
    try:
        for person in tree.ask("people", "1"):
            browser = _signed_in(tree, person)
            for page in PAGES:
                browser.get(page)
        lines.append(f"memory of the whole embedded tree: {_memory(tree):.0f} MB (aim: under 300)")
    finally:
        tree.close()
    return lines


def _confirming(tree: Tree, people: Sequence[dict[str, Any]], say: Say) -> list[str]:
    """The POST that moves money, beside the frame of a signed-in page and beside its own hash."""
    say("confirming payments beside an empty page")
    browsers = [_signed_in(tree, person) for person in people[:CLIENTS]]
    ready = [_composed(browser, people[CLIENTS]["phone"], PAYMENTS) for browser in browsers]
    pin = {"payment_password": people[0]["pin"]}

    def confirm(browser: Browser, _number: int) -> Answer:
        return browser.post(f"{ready[browsers.index(browser)].pop()}authorise/", pin)

    ratios, rates = [], []
    for _round in range(ROUNDS):
        empty = _rate(browsers, lambda one, _number: one.get("/bench/empty/"), PER_ROUND)
        hashed = _rate(browsers, lambda one, _number: one.get("/bench/hashed/"), PER_ROUND)
        confirms = _rate(browsers, confirm, PER_ROUND)
        hash_seconds = max(1 / hashed - 1 / empty, 0)
        apart = 1 / max(1 / confirms - hash_seconds, 1e-6)
        ratios.append(apart / empty)
        rates.append((apart, empty, confirms))
    ratio = median(ratios)
    apart, empty, confirms = (median(column) for column in zip(*rates, strict=True))
    verdict = "met" if ratio >= 0.5 else "MISSED"
    return [
        f"confirm POST, its hash apart / empty signed-in page: {ratio:.2f} (aim 0.5 {verdict})"
        f"  {apart:.0f} / {empty:.0f} a second; with the hash {confirms:.0f} a second",
    ]


def _composed(browser: Browser, payee: str, count: int) -> list[str]:
    found = []
    while len(found) < count:
        fields = {"payee": payee, "amount": "0.01", "note": "", "compose_key": str(uuid4())}
        answer = browser.post("/transfer/", fields)
        if answer.status != 302:
            break
        found.append(answer.location.removesuffix("check/"))
    return found


def _rate(browsers: Sequence[Browser], act: Callable[[Browser, int], Answer], times: int) -> float:
    """Good answers a second, everybody at once, so many times each."""

    def live(browser: Browser) -> None:
        for number in range(times):
            answer = act(browser, number)
            assert answer.status in {200, 302}, f"{answer.path}: {answer.status}"

    began = time.perf_counter()
    with ThreadPoolExecutor(len(browsers)) as pool:
        list(pool.map(live, browsers))
    return len(browsers) * times / (time.perf_counter() - began)


def _lists(tree: Tree, say: Say) -> list[str]:
    """Pages and the file of histories of several lengths, each beside the shortest."""
    took: dict[str, list[float]] = {}
    for length in LENGTHS:
        say(f"writing a history of {length:,} records")
        person = tree.ask("history", str(length))
        browser = _signed_in(tree, person)
        for name, path in LISTS.items():
            took.setdefault(name, []).append(_seconds(partial(browser.get, path)))
        began = time.perf_counter()
        browser.timeout_seconds = 600
        lines = browser.get("/activity/export.csv").body.count(b"\n") - 1
        assert lines == length, (lines, length)
        took.setdefault("CSV, a record", []).append((time.perf_counter() - began) / length)
    heads = " ".join(f"{length:>12,}" for length in LENGTHS)
    rows = [f"{'records':<26}{heads}   (milliseconds; in brackets: beside the first)"]
    for name, seconds in took.items():
        cells = " ".join(f"{1000 * one:7.2f}({one / seconds[0]:.2f})" for one in seconds)
        rows.append(f"{name:<26}{cells}")
    return rows


def _seconds(act: Callable[[], Answer]) -> float:
    """The median of some tries, the first ones apart."""
    found = []
    for number in range(25):
        began = time.perf_counter()
        assert act().status == 200
        if number >= 5:
            found.append(time.perf_counter() - began)
    return median(found)


def _weights(browser: Browser) -> list[str]:
    """Bytes and queries of pages; what they load besides is loaded once."""
    rows = [f"{'page':<14}{'HTML, bytes':>12}{'queries':>9}"]
    static: dict[str, int] = {}
    for page in PAGES:
        answer = browser.get(page)
        rows.append(f"{page:<14}{len(answer.body):>12,}{answer.headers.get('X-Queries', '-'):>9}")
        for link in answer.links:
            if link.startswith(("/static/", "/theme/")):
                path = link.partition("#")[0]
                if path not in static:
                    static[path] = len(browser.get(path, **{"Accept-Encoding": "br, gzip"}).body)
    rows.append(f"static files of all these pages, compressed: {sum(static.values()):,} bytes")
    return rows


def _signed_in(tree: Tree, person: dict[str, Any]) -> Browser:
    # An address each: attempts to sign in are counted by address.
    browser = Browser(tree.port, **{"X-Forwarded-For": f"10.1.0.{int(person['phone'][-2:]) + 1}"})
    door = {"phone": person["phone"], "password": person["password"]}
    assert browser.post("/sign-in/", door).status == 302
    return browser


def _memory(tree: Tree) -> float:
    """What the processes take together, shared pages counted once (PSS), in MB."""
    total = 0
    for pid in tree.pids("serve"):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


if __name__ == "__main__":
    main()
