"""Makes taking second factors away a change that can be taken back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.changes.undoing import register
from accounts.factors.removing import FACTOR_OFF, PASSKEY_REMOVED, put_back


def register_undo() -> None:
    """Called when Django starts."""
    register(
        kind=FACTOR_OFF,
        says=_("The second factors and the recovery codes that were taken away work again."),
        carry_out=put_back,
    )
    register(
        kind=PASSKEY_REMOVED,
        says=_("The passkey that was removed works again."),
        carry_out=put_back,
        # A passkey signs in alone, and the one that was removed may be in a stolen phone.
        by_phone=False,
    )
