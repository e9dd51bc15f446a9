"""Why an adjustment is not made."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class OverCap(Refusal):
    """The wallet may not hold that much."""

    def __init__(self) -> None:
        super().__init__(
            _("The wallet would hold more than its class allows. Nothing was booked."),
            code="adjustment.cap",
            field="amount",
        )


class NothingToAdjust(Refusal):
    """The wallet is closed."""

    def __init__(self) -> None:
        super().__init__(_("This wallet is closed. Nothing was booked."), code="adjustment.closed")
