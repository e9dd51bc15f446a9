"""Every way in which the records say no to a person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class ReceiptNotFound(Refusal):
    """Number and code do not belong together. Never says which of them is wrong, or why."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is not a receipt of ours. Compare number and code with the paper; if they "
                "are as printed, do not trust it and call us."
            ),
            code="receipt.not_found",
        )
