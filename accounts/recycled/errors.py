"""Why a number is not given free."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class WalkOver(Refusal):
    """A step was left out, or it took too long."""

    def __init__(self) -> None:
        super().__init__(_("That took too long. Please start again."), code="number.over")


class NothingToObject(Refusal):
    """No claim waits."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to object to any more."), code="number.none")


class FormerWrong(Refusal):
    """Number and password do not fit together; which is wrong is not said."""

    def __init__(self) -> None:
        super().__init__(
            _("The phone number or password is not right."), code="number.former_wrong"
        )


class FormerLocked(Refusal):
    """Too many wrong passwords for this number at this door."""

    def __init__(self, when: str) -> None:
        super().__init__(
            _("Too many wrong tries. You can try again at %(when)s, or contact support."),
            code="number.former_locked",
            params={"when": when},
        )
