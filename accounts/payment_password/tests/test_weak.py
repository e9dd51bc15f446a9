"""Which six digits are refused."""

from __future__ import annotations

import pytest

from accounts.payment_password.selectors import avoid_list
from accounts.payment_password.weak import find_weakness


@pytest.mark.once
def test_about_nine_percent_of_the_space_is_refused() -> None:
    refused = sum(1 for number in range(1_000_000) if find_weakness(f"{number:06d}"))
    assert 85_000 <= refused <= 95_000


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("900307", "date"),
        ("070390", "date"),
        ("030790", "date"),
        ("199012", "date"),
        ("000229", "date"),
        ("111111", "few"),
        ("121212", "few"),
        ("110011", "few"),
        ("123456", "run"),
        ("987654", "run"),
        ("890123", "run"),
        ("246802", "run"),
        ("394394", "repeat"),
        ("739937", "mirror"),
        ("147258", "keypad"),
        ("369852", "keypad"),
        ("739164", ""),
        ("402867", ""),
    ],
)
def test_a_refusal_names_the_rule(pin: str, why: str) -> None:
    assert find_weakness(pin) == why


def test_personal_digits_are_the_ends_of_the_numbers_and_the_birthday() -> None:
    avoid = avoid_list(phone="+8613800739164", id_number="310101199003071234")
    assert {"739164", "071234", "900307", "070390", "199003"} <= set(avoid)
    assert avoid_list(phone="+8613800739164", id_number="") == ["739164"]
