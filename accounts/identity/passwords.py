"""Login passwords that were good when they were chosen, and are like their owner now: a phone
number, a name or an ID number has come since.

The text of a password is known only while somebody types it, so there are two looks: a few whole
facts are tried against the hash at once, and the whole rule is applied when it is next typed right.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.identity.numbers import birth_date
from accounts.identity.selectors import personal_facts
from accounts.users.models import User
from accounts.users.validators import NotPersonalValidator


def look_again_at_login(*, user: User) -> bool:
    """Whether the login password is one of the person's facts as they stand; remembered until
    there is another one. Hashes: call it outside any transaction."""
    found = any(user.check_password(fact) for fact in _whole_facts(user))
    if found:
        _remember(user, True)
    return found


def look_at_typed(*, user: User, raw: str) -> None:
    """Apply the rule to a login password that was just typed right, and remember the answer."""
    user.personal_facts = personal_facts(user)  # type: ignore[attr-defined]
    try:
        NotPersonalValidator().validate(raw, user)
    except ValidationError:
        is_like = True
    else:
        is_like = False
    if is_like != user.is_password_outgrown:
        _remember(user, is_like)


def _whole_facts(user: User) -> list[str]:
    phone = str(user.phone)
    facts = [phone, phone[-11:]] if user.has_phone else []
    known = personal_facts(user)
    if known:
        name, number = known
        facts += [name, number, number.lower(), f"{birth_date(number):%Y%m%d}"]
    return list(dict.fromkeys(facts))


def _remember(user: User, is_like: bool) -> None:
    # Only of what was looked at: it may have been replaced meanwhile.
    User.objects.filter(pk=user.pk, password=user.password).update(is_password_outgrown=is_like)
    user.is_password_outgrown = is_like
