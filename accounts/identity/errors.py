"""How this room says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class IdentityTaken(Refusal):
    """Somebody with this ID number has a wallet already."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A wallet is already open for this ID number; each person can have one. "
                "Sign in with the phone number you used then, or contact support."
            ),
            code="identity.taken",
            field="id_number",
        )


class IdentityMissing(Refusal):
    """This needs a name and an ID number, and the person has given none."""

    def __init__(self) -> None:
        super().__init__(
            _("This needs your name and ID number. Please add them first."),
            code="identity.missing",
        )


class IdentityNotConfirmed(Refusal):
    """The check says that these do not belong to one person."""

    def __init__(self, field: str) -> None:
        super().__init__(
            _(
                "The check could not match this number with your name. Look for a slip, then try "
                "again; your tries are limited. Nothing has been changed."
            ),
            code="identity.mismatch",
            field=field,
        )


class IdentityRefused(Refusal):
    """The check says no, whatever is typed again."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The check was refused, and we are not told why. Nothing has been changed. Trying "
                "again does not help; support can look into it, or see you in person."
            ),
            code="identity.refused",
        )


class IdentityNotCheckedNow(Refusal):
    """Nobody could look; asking again later is worth it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The check cannot be done right now. Nothing is lost: send this form again in a "
                "few minutes."
            ),
            code="identity.unavailable",
        )
