"""How the door says no."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.closing.models import FormerCustomer
from accounts.phone.errors import clock_text
from accounts.security.errors import Refusal
from accounts.security.tries import TriesState


class SignInWrong(Refusal):
    """Phone or password is wrong; which one is not said."""

    def __init__(self) -> None:
        super().__init__(_("The phone number or password is not right."), code="login.wrong")


class SignInLocked(Refusal):
    """Too many wrong passwords at this door, for a name known or not. `key` finds its state."""

    def __init__(self, state: TriesState, *, key: str = "") -> None:
        super().__init__(_("Signing in is paused for this number."), code="login.locked")
        self.state = state
        self.key = key


class SignInClosed(Refusal):
    """The password was right, and the wallet is closed: nobody else is told."""

    def __init__(self, former: FormerCustomer) -> None:
        super().__init__(_("This wallet is closed."), code="login.closed")
        self.former = former


class SignInNeedsFactor(Refusal):
    """A member of staff without a second factor; an administrator must set it up."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Staff sign in with a second factor, and none is set up for you yet. "
                "Ask an administrator to enrol you."
            ),
            code="login.no_factor",
        )


class SignInExpired(Refusal):
    """The second step came too late or twice."""

    def __init__(self) -> None:
        super().__init__(
            _("That took too long or was finished already. Please sign in again."),
            code="login.expired",
        )


class RecoveryWrong(Refusal):
    """What was given to prove oneself at a reset does not match."""

    def __init__(self) -> None:
        super().__init__(
            _("These digits do not match. Your passwords are unchanged."),
            code="recovery.wrong",
            field="digits",
        )


class RecoveryPaused(Refusal):
    """The end of the ID number was wrong too often, typed by whoever holds the phone."""

    own_page = "accounts/signin/recover_paused.html"

    def __init__(self, until: datetime | None) -> None:
        until = until or timezone.now()
        super().__init__(
            _("Too many wrong answers. You can try again at %(at)s; support can help before."),
            code="recovery.paused",
            params={"at": clock_text(until)},
        )
        self.until = until


class LoginPasswordWrong(Refusal):
    """The login password typed to go on is wrong."""

    def __init__(self) -> None:
        super().__init__(
            _("This is not your login password. Nothing has been changed."),
            code="resume.wrong",
            field="password",
        )


class OldPasswordPaused(Refusal):
    """The login password that was to be changed was typed wrong too often. Signing in goes on."""

    own_page = "accounts/signin/change_paused.html"

    def __init__(self, until: datetime | None) -> None:
        until = until or timezone.now()
        super().__init__(
            _("Too many wrong tries. Nothing was changed. You can try again at %(at)s."),
            code="login_password.paused",
            params={"at": clock_text(until)},
        )
        self.until = until


class OldPasswordWrong(Refusal):
    """The login password that was to be changed was typed wrong."""

    def __init__(self) -> None:
        super().__init__(
            _("This is not your login password now. Nothing has been changed."),
            code="login_password.wrong",
            field="old",
        )
