"""Amounts in Chinese capitals: examples of the central bank's rules, and their edges."""

from __future__ import annotations

import pytest

from walletsite.shell.capitals import write_in_capitals


@pytest.mark.parametrize(
    ("amount_minor", "written"),
    [
        (0, "人民币零元整"),
        (1, "人民币壹分"),
        (10, "人民币壹角整"),
        (15, "人民币壹角伍分"),
        (100, "人民币壹元整"),
        (101, "人民币壹元零壹分"),
        (110, "人民币壹元壹角整"),
        (1000, "人民币壹拾元整"),
        (1050, "人民币壹拾元零伍角整"),
        (60000, "人民币陆佰元整"),
        (140_950, "人民币壹仟肆佰零玖元伍角整"),
        (600_714, "人民币陆仟零柒元壹角肆分"),
        (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32_504, "人民币叁佰贰拾伍元零肆分"),
        (1_000_001_00, "人民币壹佰万零壹元整"),
        (100_000_000_00, "人民币壹亿元整"),
        (100_000_001_00, "人民币壹亿零壹元整"),
        (12_846_50, "人民币壹万贰仟捌佰肆拾陆元伍角整"),
    ],
)
def test_an_amount_is_written_as_on_a_cheque(amount_minor: int, written: str) -> None:
    assert write_in_capitals(amount_minor) == written


@pytest.mark.parametrize("amount_minor", [-1, 10**14])
def test_what_cannot_be_written_is_refused(amount_minor: int) -> None:
    with pytest.raises(ValueError, match="capitals"):
        write_in_capitals(amount_minor)


_DIGIT = {one: value for value, one in enumerate("零壹贰叁肆伍陆柒捌玖")}
_PLACE = {"拾": 10, "佰": 100, "仟": 1000}


def _read_back(text: str) -> int:
    """Read capitals independently of how they are written."""
    total = group = digit = fen = 0
    for one in text.removeprefix("人民币").removesuffix("整"):
        if one in _DIGIT:
            digit = _DIGIT[one]
        elif one in _PLACE:
            group, digit = group + digit * _PLACE[one], 0
        elif one == "亿":
            total, group, digit = (total + group + digit) * 10**8, 0, 0
        elif one == "万":
            total, group, digit = total + (group + digit) * 10**4, 0, 0
        elif one == "元":
            total, group, digit = total + group + digit, 0, 0
        elif one == "角":
            fen, digit = fen + digit * 10, 0
        elif one == "分":
            fen, digit = fen + digit, 0
    return total * 100 + fen


def test_every_written_amount_reads_back_as_itself() -> None:
    amounts = [*range(20_000), *(7**power for power in range(1, 14)), 10_001_000_05, 99_999_99]
    for amount in amounts:
        assert _read_back(write_in_capitals(amount)) == amount
