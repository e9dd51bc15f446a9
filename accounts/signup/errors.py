"""How this room says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class PhoneTaken(Refusal):
    """The phone has a wallet; said only to somebody who has proved that the phone is theirs."""

    def __init__(self) -> None:
        super().__init__(
            _("You already have a wallet with this number. Please sign in."),
            code="sign_up.phone_taken",
            field="phone",
        )


class StepMissing(Refusal):
    """A step before this one is not done."""

    def __init__(self, step: str) -> None:
        super().__init__(_("Please answer this first."), code="sign_up.step_missing")
        self.step = step
