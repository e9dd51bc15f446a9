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
