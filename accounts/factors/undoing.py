"""Makes changes of second factors changes that can be taken back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.changes.undoing import Way, register
from accounts.factors.adding import APP_ADDED, PASSKEY_ADDED, take_away
from accounts.factors.removing import FACTOR_OFF, PASSKEY_REMOVED, put_back


def register_undo() -> None:
    """Called when Django starts."""
    # A passkey signs in alone, an app is the half of a sign-in, and what was removed may be in a
    # stolen phone: that is what removing and the support desk are for.
    register(
        kind=FACTOR_OFF,
        says=_("The second factors and the recovery codes that were taken away work again."),
        carry_out=put_back,
        way=Way.SIGNED_IN,
    )
    register(
        kind=PASSKEY_REMOVED,
        says=_("The passkey that was removed works again."),
        carry_out=put_back,
        way=Way.SIGNED_IN,
    )
    # Whoever has added a factor that its owner has not would keep the owner out with it. The phone
    # alone takes none away: then a thief of the number could.
    register(
        kind=APP_ADDED,
        says=_(
            "The authenticator app that was set up works no longer, and one that it replaced works "
            "again. Recovery codes made since then are dead."
        ),
        carry_out=take_away,
        way=Way.PERSON,
    )
    register(
        kind=PASSKEY_ADDED,
        says=_(
            "The passkey that was added works no longer. Recovery codes made since then are dead."
        ),
        carry_out=take_away,
        way=Way.PERSON,
    )
