"""Makes taking second factors away a change that can be taken back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.changes.undoing import register
from accounts.factors.services import FACTOR_OFF, put_back


def register_undo() -> None:
    """Called when Django starts."""
    register(
        kind=FACTOR_OFF,
        says=_("Your authenticator app and the recovery codes that were left work again."),
        carry_out=put_back,
    )
