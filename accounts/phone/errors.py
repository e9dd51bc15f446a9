"""How this room says no."""

from __future__ import annotations

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.security.errors import Refusal


class CodeCooldown(Refusal):
    """A code was sent a moment ago; it is alive, and the next may be asked for soon."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            ngettext_lazy(
                "A code is on its way. You can ask again in %(seconds)s second.",
                "A code is on its way. You can ask again in %(seconds)s seconds.",
                retry_after_seconds,
            ),
            code="code.cooldown",
            params={"seconds": retry_after_seconds},
        )
        self.seconds = retry_after_seconds


class CodeStopped(Refusal):
    """No more codes until `until` for this number and this kind of asker: too many were asked for,
    or, when `because` is "wrong", typed wrongly; "address": too many from this address."""

    own_page = "accounts/phone/stopped.html"

    def __init__(
        self, until: datetime, because: str = "asked", is_for_strangers: bool = False
    ) -> None:
        super().__init__(
            _("Too many codes for now. Try after %(until)s, or contact support."),
            code="code.stopped",
            params={"until": clock_text(until)},
            field="code",
        )
        self.until = until
        self.because = because
        # What strangers did stops strangers only: their page says where the owner goes on.
        self.is_for_strangers = is_for_strangers


class CodesUnavailable(Refusal):
    """The whole installation sends too many; staff are alarmed."""

    def __init__(self) -> None:
        super().__init__(
            _("We cannot send codes right now; we are looking into it. Try again later."),
            code="code.unavailable",
        )


class CodeWrong(Refusal):
    """Not the newest code; `tries_left` until it is burned."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(
            ngettext_lazy(
                "That code is wrong or too old. Use the newest one. %(tries)s try left.",
                "That code is wrong or too old. Use the newest one. %(tries)s tries left.",
                tries_left,
            ),
            code="code.wrong",
            params={"tries": tries_left},
            field="code",
        )
        self.tries_left = tries_left


class CodeDead(Refusal):
    """There is no live code: expired, burned, used, or never asked for here."""

    def __init__(self) -> None:
        super().__init__(
            _("This code is no longer valid. Please ask for a new one."),
            code="code.dead",
            field="code",
        )


class CodeUsed(Refusal):
    """The right code, typed again in the session that used it: a form sent twice."""

    def __init__(self) -> None:
        super().__init__(
            _("This code was used already. Please ask for a new one."),
            code="code.used",
            field="code",
        )


class PhoneRefused(Refusal):
    """A number that gets no codes; the sentence says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="phone.refused", field="phone")


def clock_text(moment: datetime) -> str:
    """12:31 today, else with the date; in the reader's time zone."""
    local = timezone.localtime(moment)
    clock = formats.date_format(local, "H:i")
    if local.date() == timezone.localdate():
        return clock
    return f"{formats.date_format(local, 'n-j')} {clock}"
