"""Why something is not granted."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class NotThisWallet(Refusal):
    """The wallet is closed, or a merchant's."""

    def __init__(self) -> None:
        super().__init__(
            _("This takes the open personal wallet of a customer. Nothing was changed."),
            code="grant.wallet",
            field="number",
        )


class ClassTwoFirst(Refusal):
    """Class I builds on name, ID number and a card of one's own."""

    def __init__(self) -> None:
        super().__init__(
            _("This wallet must be class II first: name, ID number and a card of the customer's."),
            code="grant.class_two",
            field="number",
        )


class HasClassOne(Refusal):
    """There is nothing to raise."""

    def __init__(self) -> None:
        super().__init__(
            _("This wallet is class I already."), code="grant.class_one", field="number"
        )


class DigitsDiffer(Refusal):
    """The document is not that of the wallet's owner."""

    def __init__(self) -> None:
        super().__init__(
            _("These are not the last 6 characters of the ID number on record."),
            code="grant.digits",
            field="digits",
        )


class TimeIsOver(Refusal):
    """The last day was over before anybody decided."""

    def __init__(self) -> None:
        super().__init__(
            _("The last day of these limits is over. Nothing was changed."), code="grant.over"
        )
