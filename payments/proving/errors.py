"""How this room says that more is needed."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class SecondProofNeeded(Refusal):
    """The payment password was right; the owner's rules ask for a second proof."""

    def __init__(self) -> None:
        super().__init__(_("A second proof is needed. Nothing was charged."), code="proof.needed")


class SecondProofWaits(Refusal):
    """The only proof this person has is a code to a number that is new."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            _(
                "Your phone number was changed, so codes by text message do not count as a second "
                "proof until %(until)s. Nothing was charged."
            ),
            code="proof.waits",
            params={"until": f"{timezone.localtime(until):%Y-%m-%d %H:%M:%S}"},
        )


class SecondProofOver(Refusal):
    """No passed proof of this session is there for what should be paid, or no longer."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The time for the second proof is over. Nothing was charged. Type the payment "
                "password again to go on."
            ),
            code="proof.over",
        )
