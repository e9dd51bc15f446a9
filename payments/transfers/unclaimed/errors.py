"""How sending to a number without a wallet, and accepting it, are refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.security.errors import Refusal


class NotAMobileNumber(Refusal):
    """Only a mobile number can be proven by an SMS code later."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is no mobile number. Money can wait for a mobile number (11 digits) only: "
                "whoever has it proves it by a code."
            ),
            code="unclaimed.number",
            field="payee",
        )


class HasWalletNow(Refusal):
    """Nothing has to wait: the number can be paid as usual."""

    def __init__(self) -> None:
        super().__init__(
            _("There is a wallet for this number now. Send it as an ordinary transfer."),
            code="unclaimed.has_wallet",
            field="payee",
        )


class TooManyWaiting(Refusal):
    """As many of the payer's transfers wait for their receivers as may at once."""

    def __init__(self, *, most: int) -> None:
        super().__init__(
            ngettext_lazy(
                "%(most)s transfer of yours waits to be claimed already, the most at one time. "
                "Nothing was charged. Take one back, or wait until it ends.",
                "%(most)s transfers of yours wait to be claimed already, the most at one time. "
                "Nothing was charged. Take one back, or wait until one ends.",
                most,
            ),
            code="unclaimed.too_many",
            params={"most": most},
        )


class ClaimOver(Refusal):
    """Claimed, taken back, declined or returned; which of them is the payer's business."""

    def __init__(self) -> None:
        super().__init__(
            _("This money is no longer waiting for you. If you expected it, ask the payer."),
            code="unclaimed.over",
        )


class ClaimPaused(Refusal):
    """The payer's wallet may not pay now, and this would be money leaving it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This money cannot be accepted now. It goes on waiting until its time is over; "
                "try again later, or ask the payer."
            ),
            code="unclaimed.paused",
        )


class ClaimerFull(Refusal):
    """The receiver's wallet may not hold so much."""

    def __init__(self, *, most: str) -> None:
        super().__init__(
            _(
                "With this your wallet would hold more than %(most)s, the most for its class. The "
                "money goes on waiting: pay or withdraw something first, or raise your class."
            ),
            code="unclaimed.cap",
            params={"most": most},
        )
