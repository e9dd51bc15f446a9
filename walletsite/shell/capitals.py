"""Amounts in Chinese capital numerals, as receipts and cheques write them.

Source: the People's Bank of China's rules for filling in notes and settlement vouchers
(正确填写票据和结算凭证的基本规定): capitals for digits, one 零 for any run of zeros between
digits, 整 after 元 or 角 when nothing follows.
"""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def write_in_capitals(amount_minor: int) -> str:
    """Write an amount in fen (1 yuan = 100 fen) in capitals: 60000 -> 人民币陆佰元整.

    Raises ValueError for negative amounts and for 10^12 yuan or more.
    """
    if amount_minor < 0 or amount_minor >= 10**14:
        raise ValueError("only amounts from 0 to below 10^12 yuan can be written in capitals")
    yuan, cents = divmod(amount_minor, 100)
    jiao, fen = divmod(cents, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        # A yuan part that ends in 0 takes a 零 before the jiao: 壹拾元零伍角.
        text += ("零" if yuan and yuan % 10 == 0 else "") + f"{_DIGITS[jiao]}角"
    elif fen and yuan:
        text += "零"
    if fen:
        text += f"{_DIGITS[fen]}分"
    elif text:
        text += "整"
    return f"人民币{text or '零元整'}"


def _whole(number: int) -> str:
    """Write a whole number above 0, group by group of four digits."""
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text = ""
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            continue
        # Zeros skipped since the last written digit are said once.
        skipped = text and (group < 1000 or groups[index + 1] % 10 == 0)
        text += ("零" if skipped else "") + _group(group) + _GROUPS[index]
    return text


def _group(group: int) -> str:
    """Write 1 to 9999 without leading zeros."""
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text
