"""How this room says no: frozen, closed, over a limit."""

from __future__ import annotations

from datetime import datetime

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class WalletFrozen(Refusal):
    """The owner (or the bank) stopped money out."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Your wallet is frozen, so nothing can be paid. Nothing was charged. The security "
                "centre says why, until when, and what you can do."
            ),
            code="wallet.frozen",
        )


class NoWalletForStaff(Refusal):
    """Staff move no money, so there is no wallet to move it from."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Members of staff have no wallet under the number with which they work. Open one "
                "as a customer, with a number of your own."
            ),
            code="wallet.staff",
        )


class WalletClosed(Refusal):
    """The wallet that should pay has ended for good."""

    def __init__(self) -> None:
        super().__init__(
            _("This wallet is closed. Nothing was charged. Contact support if that is wrong."),
            code="wallet.closed",
        )


# In each of these, `more` is the sentence that says who can raise the limit, and how.


class LimitSingle(Refusal):
    """More than one payment of this wallet may be."""

    def __init__(self, *, most: str, more: str | Promise) -> None:
        super().__init__(
            _("One payment can be %(most)s at most. Nothing was charged. Send less. %(more)s"),
            code="limit.single",
            params={"most": most, "more": more},
            field="amount",
        )


class LimitDay(Refusal):
    """More than is left for today; `clears` is when the day starts anew."""

    def __init__(self, *, left: str, most: str, clears_at: datetime, more: str | Promise) -> None:
        super().__init__(
            _(
                "%(left)s of today's limit of %(most)s is left. Nothing was charged. Send less, "
                "or wait until %(clears)s. %(more)s"
            ),
            code="limit.day",
            params={
                "left": left,
                "most": most,
                "clears": moment_text(clears_at),
                "more": more,
            },
            field="amount",
        )


class LimitDayCount(Refusal):
    """As many payments as one day allows have been made."""

    def __init__(self, *, most: int, clears_at: datetime, more: str | Promise) -> None:
        super().__init__(
            _(
                "You have made %(most)s payments today, the most for one day. Nothing was "
                "charged. You can pay again from %(clears)s. %(more)s"
            ),
            code="limit.day_count",
            params={"most": most, "clears": moment_text(clears_at), "more": more},
        )


class LimitYear(Refusal):
    """More than is left for this year."""

    def __init__(self, *, left: str, most: str, clears_at: datetime, more: str | Promise) -> None:
        super().__init__(
            _(
                "%(left)s of this year's limit of %(most)s is left. Nothing was charged. Send "
                "less, or wait until %(clears)s. %(more)s"
            ),
            code="limit.year",
            params={
                "left": left,
                "most": most,
                "clears": moment_text(clears_at),
                "more": more,
            },
            field="amount",
        )


class OwnLimitTooWide(Refusal):
    """An own limit only narrows what the class allows."""

    def __init__(self, *, most: str, field: str) -> None:
        super().__init__(
            _("Your wallet class allows %(most)s at most. Type that or less, or leave it empty."),
            code="limit.own_too_wide",
            params={"most": most},
            field=field,
        )


def moment_text(moment: datetime) -> str:
    """`00:00 on 24 November`, in the zone of the bank and the language that is active now."""
    local = timezone.localtime(moment)
    return f"{formats.date_format(local, 'Y-m-d')} {formats.date_format(local, 'H:i')}"
