"""Why a change is not undone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class CannotUndo(Refusal):
    """It was undone, its time is over, or it is of a kind that is not undone."""

    def __init__(self) -> None:
        super().__init__(
            _("This change cannot be undone any more. If it was not you, freeze your wallet."),
            code="change.cannot_undo",
        )


class WalkExpired(Refusal):
    """The walk is over, or leads nowhere."""

    def __init__(self) -> None:
        super().__init__(_("That took too long. Please start again."), code="change.expired")
