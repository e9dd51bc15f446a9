"""Start-up check of the table of rate limits: what would limit nobody, or everybody."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

WHOSE = {
    "address",
    "case",
    "all",
    "country",
    "customer",
    "installation",
    "notice",
    "number",
    "payment",
    "person",
    "prefix",
    "provider",
    "purpose",
    "range",
    "stranger",
}
_LONGEST_SECONDS = 366 * 86_400
_HOW = "See docs/how-to/rate-limits.md."


@register("walletsite")
def rate_limits_make_sense(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error for each line that is not what it should be."""
    return [Error(said, hint=_HOW, id="accounts.E120") for said in _faults(settings.RATE_LIMITS)]


def _faults(table: Any) -> Iterator[str]:
    for action, lines in table.items():
        if not isinstance(lines, dict) or not lines:
            yield f"RATE_LIMITS: {action} has no line, so it would not be limited."
            continue
        for whose, rules in lines.items():
            where = f"RATE_LIMITS: {action}, {whose}"
            if whose not in WHOSE:
                yield f"{where}: nobody is counted by that."
            elif not _are_rules(rules):
                yield f"{where}: give (how many, in how many seconds), whole numbers above 0."
            elif not _narrow(rules):
                yield f"{where}: a longer time must allow more, or the shorter one limits nothing."
    codes = table["sms.code"]
    if not _leaves_some(codes["number"], codes["stranger"]):
        yield (
            "RATE_LIMITS: sms.code, stranger: allow less than number does in the same time, or "
            "strangers can use up all codes of somebody's number."
        )


def _leaves_some(number: Any, stranger: Any) -> bool:
    """Whether strangers cannot use up what a number gets; lines that are no rules are told of
    already."""
    if not (_are_rules(number) and _are_rules(stranger)):
        return True
    return all(
        any(theirs < most and span >= seconds for theirs, span in stranger)
        for most, seconds in number
    )


def _are_rules(rules: Any) -> bool:
    return (
        isinstance(rules, list | tuple)
        and bool(rules)
        and all(
            isinstance(rule, list | tuple)
            and len(rule) == 2
            and all(isinstance(number, int) and number > 0 for number in rule)
            and not any(isinstance(number, bool) for number in rule)
            and rule[1] <= _LONGEST_SECONDS
            for rule in rules
        )
    )


def _narrow(rules: Any) -> bool:
    ordered = sorted(rules, key=lambda rule: rule[1])
    return all(
        shorter[0] < longer[0] and shorter[1] < longer[1] for shorter, longer in pairwise(ordered)
    )
