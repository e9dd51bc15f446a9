"""The last net under the logs: what looks like a secret is masked, whoever wrote it.

Nothing is meant to be caught here. Code does not log secrets; this is for the library that does,
and for the exception whose text quotes a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from stdnum import luhn

_WORDS = (
    r"(?:pass(?:word|code|phrase|wd)?|pwd|pin|otp|code|token|secret|key"
    r"|验证码|校验码|动态码|密码|口令)"
)
_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _mask_card(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group())
    return "[card]" if luhn.is_valid(digits) else match.group()


_RULES: tuple[_Rule, ...] = (
    # Whole headers, to the end of the line.
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-csrftoken)\b"
            r"(['\"]?\s*[:=]\s*)[^\r\n]+"
        ),
        r"\1\2[masked]",
    ),
    (re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._~+/=-]{8,}"), "Bearer [masked]"),
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+@"), "[masked]@"),
    # name=value and "name": "value", also in a form or a query.
    (
        re.compile(
            r"(?i)\b([\w-]*(?:password|passwd|pwd|secret|csrfmiddlewaretoken|sessionid|session_key"
            r"|csrftoken|wallet-csrf|api_?key|otp|id_number))(['\"]?\s*[=:]\s*['\"]?)"
            r"[^\s'\",;&}]+"
        ),
        r"\1\2[masked]",
    ),
    (re.compile(r"(?i)\b((?:__Host-)?wallet)=[a-z0-9]{20,}"), r"\1=[masked]"),
    (re.compile(r"(?<![\w.])[1-9]\d{16}[\dXx](?!\w)"), "[id number]"),
    (re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?!\w)"), _mask_card),
    (re.compile(r"(?<!\w)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\w)"), "[phone]"),
    (re.compile(r"(?<!\w)\+\d{8,15}(?!\w)"), "[phone]"),
    (re.compile(rf"(?i)({_WORDS}\D{{0,24}})(?<!\d)\d{{6}}(?!\d)"), r"\1[masked]"),
    (re.compile(rf"(?i)(?<!\d)\d{{6}}(?!\d)(\D{{0,24}}{_WORDS})"), r"[masked]\1"),
)


def mask(text: str) -> str:
    """The text without phone, card and ID numbers, codes, passwords, cookies, tokens."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
