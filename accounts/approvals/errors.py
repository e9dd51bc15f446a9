"""What staff are told when a proposal cannot be made or decided."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class MakerIsChecker(Refusal):
    """Nobody is their own second person."""

    def __init__(self) -> None:
        super().__init__(
            _("You proposed this yourself. A colleague has to decide it."),
            code="approval.own",
        )


class AboutOneself(Refusal):
    """Nobody decides about their own record."""

    def __init__(self) -> None:
        super().__init__(
            _("This is about your own record. Colleagues have to do it."), code="approval.self"
        )


class NotAllowed(Refusal):
    """The role does not reach that far."""

    def __init__(self) -> None:
        super().__init__(_("Your role does not include this."), code="approval.not_allowed")


class NotOpen(Refusal):
    """Somebody was faster, or the time is over."""

    def __init__(self) -> None:
        super().__init__(
            _("This proposal is not open any more; nothing was changed."),
            code="approval.not_open",
        )


class Changed(Refusal):
    """What is decided is what was read."""

    def __init__(self) -> None:
        super().__init__(
            _("What you read is not what is written now. Read it again, then decide."),
            code="approval.changed",
        )
