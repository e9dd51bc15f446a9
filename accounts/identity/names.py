"""People's names as an ID card writes them."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 60
_DOTS = str.maketrans({"•": "·", "・": "·", "‧": "·", "∙": "·", "．": "·"})
_INSIDE = "·'’- ."
# What no ID card says, and what somebody would like to be called who asks others for money.
_OFFICES = ("客服", "银行", "管理员", "支付宝", "钱包", "系统")
_OFFICE_WORDS = frozenset({"admin", "bank", "official", "service", "staff", "support"})


def clean_name(typed: str) -> str:
    """A name, tidied. Raises `ValidationError` for what no name holds.

    Control, bidirectional and zero-width characters are refused, not removed: a name that shows
    other than it is stored would be a mask to hide behind.
    """
    if len(typed) > LONGEST * 2:
        raise _too_long()
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for char in typed):
        raise ValidationError(
            _("The name holds a character that cannot be seen. Please type it by hand."),
            code="invisible",
        )
    name = " ".join(unicodedata.normalize("NFC", typed.translate(_DOTS)).split())
    if len(name) > LONGEST:
        raise _too_long()
    if len(name) < 2:
        raise ValidationError(_("Please type your full name, as on your ID card."), code="short")
    if not all(_is_letter(char) or char in _INSIDE for char in name) or not _is_letter(name[0]):
        raise ValidationError(
            _("A name has letters only, as on your ID card; a dot · may stand between them."),
            code="characters",
        )
    if _is_office(name):
        raise ValidationError(_("Please type your full name, as on your ID card."), code="office")
    return name


def _is_office(name: str) -> bool:
    """Whether it is what an office is called, not a person."""
    text = unicodedata.normalize("NFKC", name).casefold()
    bare = "".join(char for char in text if _is_letter(char))
    words = set(text.replace(".", " ").split())
    return any(word in bare for word in _OFFICES) or bool(_OFFICE_WORDS & words)


def mask_name(name: str) -> str:
    """What others may see: 陈*远, 林*, C**n. Never longer than four characters."""
    if not name:
        return ""
    if len(name) == 2:
        return f"{name[0]}*"
    stars = "*" if len(name) == 3 else "**"
    return f"{name[0]}{stars}{name[-1]}"


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: spaces, dots and case do not count."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    text = unicodedata.normalize("NFKC", name.translate(_DOTS)).casefold()
    return "".join(char for char in text if _is_letter(char))


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


def _too_long() -> ValidationError:
    return ValidationError(
        _("A name has at most %(most)s characters."), code="long", params={"most": LONGEST}
    )
