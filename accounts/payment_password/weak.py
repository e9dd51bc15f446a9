"""Which six digits are too easily guessed: about 9 % of the million.

A list of that size is the best balance between safety and annoyance (Markert et al., "This PIN
Can Be Easily Guessed", S&P 2020). It is a rule and not a list, so it can say what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CENTURIES = range(1900, 2100)
# Lines that a finger draws on a telephone keypad: columns, diagonals, edges, down and up.
_STROKES = ("147", "258", "369", "159", "357", "123", "456", "789", "2580", "1590", "3570")


def find_weakness(pin: str) -> str:
    """Why these six digits are easily guessed: "date", "few", "run", "repeat", "mirror",
    "keypad"; empty when they are not."""
    if len(set(pin)) <= 2:
        return "few"
    if is_run(pin):
        return "run"
    if pin[:3] == pin[3:] or pin[:2] * 3 == pin:
        return "repeat"
    if pin == pin[::-1]:
        return "mirror"
    if pin in _KEYPAD:
        return "keypad"
    return "date" if is_date(pin) else ""


def is_date(pin: str) -> bool:
    """YYMMDD, DDMMYY, MMDDYY, or a month of this or the last century (YYYYMM)."""
    first, second, third = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    days = ((second, third), (second, first), (first, second))
    if any(_is_day(month, day) for month, day in days):
        return True
    return int(pin[:4]) in _CENTURIES and 1 <= third <= 12


def is_run(pin: str) -> bool:
    """123456, 654321, 890123, 246802, 135791: the same step from digit to digit."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1


def is_among(pin: str, avoided: Iterable[str]) -> bool:
    """Whether a personal fact gives exactly these digits."""
    return any(pin == digits for digits in avoided)


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def _keypad_lines() -> Iterator[str]:
    """Two strokes after each other, each drawn in either direction."""
    short = [stroke for stroke in _STROKES if len(stroke) == 3]
    strokes = [*short, *(stroke[::-1] for stroke in short)]
    for first in strokes:
        for second in strokes:
            yield first + second
    long = [stroke for stroke in _STROKES if len(stroke) == 4]
    for stroke in [*long, *(one[::-1] for one in long)]:
        yield stroke + stroke[:2]
        yield stroke + stroke[-2::-1][:2]


_KEYPAD = frozenset(_keypad_lines())
