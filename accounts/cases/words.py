"""What people write to support, made safe to keep: nothing unseen, and no secret.

A customer in trouble types codes, passwords and ID numbers. Support needs none of them and must
never have them, so they are taken out before anything is stored.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from accounts.cases.errors import TextMissing, TextTooLong

SUBJECT_MOST = 60
BODY_MOST = 2000
# What stands where something was taken out.
BLANK = "••••••"

# Control, format (bidi, zero-width), private use, unassigned, surrogates: nothing to be read there,
# and some of it turns the text around it into a lie (U+202E).
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
_BLANK_LINES = re.compile(r"\n{3,}")

# Between the digits of one number people put spaces, hyphens and dots.
_LONG_NUMBER = re.compile(r"(?<!\d)\+?\d(?:[ .\-]?\d){12,}(?:[ .\-]?[xX])?(?!\d)")
_PHONE = re.compile(r"(?:\+|00)?86[ .\-]?1[3-9]\d(?:[ .\-]?\d){8}")
# A code, however it is spaced; not part of an amount.
_SIX_DIGITS = re.compile(
    r"(?<!\d)(?<!\d[.,])(?<![¥￥])(?:\d{6}|\d{3}[ \-]\d{3}|\d(?:[ .\-]\d){5})"
    r"(?!\d|[.,]\d|\s?元)"
)
_SIX_IN_WORDS = re.compile(r"[〇零一二三四五六七八九]{6}")
# Recovery and freeze codes: sixteen letters and digits, mostly in groups of four.
_CODE = r"(?<![A-Za-z0-9])(?:{one}{{4}}[ \-]?){{3,}}{one}{{4}}(?![A-Za-z0-9])"
_CAPITALS = re.compile(_CODE.format(one="[A-Z0-9]"))
_SMALL = re.compile(_CODE.format(one="[a-z0-9]"))
_NAMES = (
    r"(?:登录密码|支付密码|密码|口令|验证码|校验码|冻结码|恢复码"
    r"|pass(?:word|code|phrase|wd)|pwd|pin|otp|code)"
)
# "password: quiet river", "密码是 quietriver": whatever follows the colon.
_NAMED = re.compile(rf"(?i)({_NAMES}\s*(?:[:：=＝]|是|为)\s*)([!-~]{{4,64}})")
# "the password is river27": only what has a digit in it, so that "is wrong" stays.
_SAID = re.compile(rf"(?i)({_NAMES}\s+(?:is|was)\s+)((?=[!-~]*\d)[!-~]{{4,64}})")
# "my password quiet27": letters and digits, right beside it.
_BESIDE = re.compile(
    r"(?i)((?:密码|口令|password|passwd|pwd)\s+)((?=[!-~]*\d)(?=[!-~]*[a-z])[!-~]{6,64})"
)


@dataclass(frozen=True)
class Cleaned:
    """A text as it is kept, and whether something was taken out of it."""

    text: str
    has_blanks: bool


def clean_line(typed: str, *, field: str = "subject") -> Cleaned:
    """One line of at most 60 characters; it may be empty. Raises `TextTooLong`."""
    return _mask(_within(" ".join(_visible(typed).split()), SUBJECT_MOST, field))


def clean_text(typed: str, *, field: str = "body") -> Cleaned:
    """Lines of plain text. Raises `TextMissing`, and `TextTooLong` beyond 2000 characters."""
    lines = [line.rstrip() for line in _visible(typed.replace("\r\n", "\n")).split("\n")]
    text = _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
    if not text:
        raise TextMissing(field)
    return _mask(_within(text, BODY_MOST, field))


def _visible(typed: str) -> str:
    kept = (char for char in typed if char in "\n\t" or unicodedata.category(char) not in _UNSEEN)
    return unicodedata.normalize("NFC", "".join(kept)).replace("\t", " ")


def _within(text: str, most: int, field: str) -> str:
    if len(text) > most:
        raise TextTooLong(most=most, typed=len(text), field=field)
    return text


def _mask(text: str) -> Cleaned:
    masked = _NAMED.sub(rf"\1{BLANK}", text)
    masked = _SAID.sub(rf"\1{BLANK}", masked)
    masked = _BESIDE.sub(rf"\1{BLANK}", masked)
    masked = _LONG_NUMBER.sub(_unless_phone, masked)
    masked = _CAPITALS.sub(BLANK, masked)
    masked = _SMALL.sub(_unless_words, masked)
    masked = _SIX_DIGITS.sub(BLANK, masked)
    masked = _SIX_IN_WORDS.sub(BLANK, masked)
    return Cleaned(masked, masked != text)


def _unless_phone(match: re.Match[str]) -> str:
    """A number with its country stays: support calls back on it."""
    return match.group() if _PHONE.fullmatch(match.group()) else BLANK


def _unless_words(match: re.Match[str]) -> str:
    """Four words of four letters in a row are no code."""
    text = match.group()
    return BLANK if "-" in text or any(char.isdigit() for char in text) else text
