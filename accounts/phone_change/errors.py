"""Why a phone number is not changed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class SameNumber(Refusal):
    """It is the number already."""

    def __init__(self) -> None:
        super().__init__(_("This is your number already."), code="phone_change.same", field="phone")


class ProofRefused(Refusal):
    """Which of the answers was wrong is not said."""

    def __init__(self) -> None:
        super().__init__(
            _("These answers do not fit together. Nothing was changed."),
            code="phone_change.refused",
        )


class StepMissing(Refusal):
    """A step was left out, or the walk is over."""

    def __init__(self) -> None:
        super().__init__(
            _("That took too long. Please start again."), code="phone_change.step_missing"
        )


class NumberTaken(Refusal):
    """Said only to whoever has proved to hold the number."""

    def __init__(self) -> None:
        super().__init__(
            _("A wallet is open with this number. Support can help."), code="phone_change.taken"
        )


class PersonGone(Refusal):
    """Said to support: there is nobody any more whose number it would be."""

    def __init__(self) -> None:
        super().__init__(
            _("This customer has closed their wallet. Nothing was changed."),
            code="phone_change.gone",
        )
