"""What helpers are told when a customer's code does not work."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class HelperCodeWrong(Refusal):
    """Wrong, used, too old, of somebody else, for another purpose: one answer for all."""

    def __init__(self) -> None:
        super().__init__(
            _("This code does not work. The customer can make a new one and read it again."),
            code="guiding.code_wrong",
            field="code",
        )


class ViewOver(Refusal):
    """It ended, by whomever."""

    def __init__(self) -> None:
        super().__init__(
            _("The guided view is over. A new one takes a new code of the customer."),
            code="guiding.over",
        )
