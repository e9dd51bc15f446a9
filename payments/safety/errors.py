"""Why a freeze is not begun or not lifted."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class CodeMistyped(Refusal):
    """No freeze code looks like this: a letter is wrong or missing."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is not a whole freeze code: 16 letters and digits. "
                "Compare it with your paper."
            ),
            code="freeze.mistyped",
            field="code",
        )


class CodeUnknown(Refusal):
    """It belongs to no wallet, or no longer."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This freeze code belongs to no wallet; perhaps you have made a newer one. "
                "Nothing was frozen. Call us, or write to support."
            ),
            code="freeze.unknown",
            field="code",
        )


class LiftRefused(Refusal):
    """Which of the answers was wrong is not said."""

    def __init__(self) -> None:
        super().__init__(
            _("These answers do not fit together. Nothing was changed."), code="lift.refused"
        )


class LiftOver(Refusal):
    """The code was right, and what it belongs to has ended."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This took too long, or the wallet was frozen again meanwhile. It stays frozen. "
                "Begin once more if you want to lift it."
            ),
            code="lift.over",
        )


class FreezeEnded(Refusal):
    """What was proposed to be lifted is not there any more; a later freeze is another matter."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The freeze that this is about has ended. Nothing was changed. Is the wallet "
                "frozen again? Then that one is proposed anew."
            ),
            code="lift.ended",
        )


class FrozenByBank(Refusal):
    """Not the owner's to lift."""

    def __init__(self) -> None:
        super().__init__(
            _("The bank has frozen this wallet. Only the bank can lift that: contact support."),
            code="lift.bank",
        )
