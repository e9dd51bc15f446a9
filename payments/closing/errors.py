"""Why a wallet is not closed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class StillInTheWay(Refusal):
    """Something is left or pending; the page lists it."""

    def __init__(self) -> None:
        super().__init__(
            _("Something has come up that must be settled first. Nothing was changed."),
            code="closing.blocked",
        )


class StaffMayNotClose(Refusal):
    """People who work here leave by another door."""

    def __init__(self) -> None:
        super().__init__(
            _("A wallet of a member of staff is closed by an administrator."),
            code="closing.staff",
        )
