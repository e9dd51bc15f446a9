"""How a second factor says no."""

from __future__ import annotations

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal
from accounts.security.tries import TriesState


class FactorWrong(Refusal):
    """The code is wrong, too old, or was used before."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "That code is wrong, too old or already used. "
                "Wait for the next one in your app and type that."
            ),
            code="factor.wrong",
            field="code",
        )


class FactorClockWrong(Refusal):
    """The code is right, and our clock ran ahead when the last one was used: codes of the app
    count for nothing until that moment has come."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            _(
                "That code is right, but our clock was wrong when you last used one, so codes of "
                "your app count again from %(until)s. Until then, use a recovery code or a passkey."
            ),
            code="factor.clock",
            params={"until": f"{timezone.localtime(until):%Y-%m-%d %H:%M}"},
            field="code",
        )


class FreshProofNeeded(Refusal):
    """What is asked for protects less than what holds now: its owner shows first who they are."""

    def __init__(self) -> None:
        super().__init__(
            _("This needs your password first. Nothing has been changed."), code="proof.fresh"
        )


class ProofWrong(Refusal):
    """The password given as fresh proof is wrong."""

    def __init__(self) -> None:
        super().__init__(
            _("That password is not right. Nothing has been changed."),
            code="proof.wrong",
            field="password",
        )


class ProofsWrong(Refusal):
    """The password, the code, or both; which is not said."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The password or the code is not right, or the code was used already. "
                "Nothing has been changed. Type both again, with the next code of your app."
            ),
            code="proofs.wrong",
        )


class FactorLocked(Refusal):
    """Too many wrong answers; nothing is looked at until the lock ends."""

    def __init__(self, state: TriesState) -> None:
        until = timezone.localtime(state.locked_until or timezone.now())
        super().__init__(
            _(
                "Too many wrong tries. For your safety this is paused until %(until)s; "
                "nothing has been changed."
            ),
            code="factor.locked",
            params={"until": formats.date_format(until, "H:i")},
        )


class PasskeyRefused(Refusal):
    """What was signed is not right, too old, or was used; which of them is not said."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "That passkey could not be checked, or it took too long. "
                "Nothing was changed. Try again, or use another way."
            ),
            code="passkey.refused",
        )


class TooManyPasskeys(Refusal):
    """As many as a person may have."""

    def __init__(self) -> None:
        super().__init__(
            _("You have as many passkeys as we keep. Remove one you no longer use first."),
            code="passkey.most",
        )


class LastFactor(Refusal):
    """Staff always have a second factor."""

    def __init__(self) -> None:
        super().__init__(
            _("Staff keep at least one second factor. Add another one first."),
            code="factor.last",
        )
