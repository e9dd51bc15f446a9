"""Every way in which this room says no to a person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class CaseClosed(Refusal):
    """The case was resolved, here or by somebody else in this moment."""

    def __init__(self) -> None:
        super().__init__(
            _("This case is resolved already. Nothing was changed; look at its notes."),
            code="case.closed",
        )
