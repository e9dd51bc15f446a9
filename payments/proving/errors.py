"""How this room says that more is needed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class SecondProofNeeded(Refusal):
    """The payment password was right; the owner's rules ask for a second proof."""

    def __init__(self) -> None:
        super().__init__(_("A second proof is needed. Nothing was charged."), code="proof.needed")


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
