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


class MakerGone(Refusal):
    """Whoever proposed it works here no more, or no longer in that role."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Whoever proposed this may not propose it any more. Reject it; a colleague can "
                "propose it again."
            ),
            code="approval.maker_gone",
        )


class SameBrowser(Refusal):
    """Two accounts and one browser are perhaps one person."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This browser was used by both people lately, so it may be one person. It has to "
                "be decided by somebody with a browser of their own; it is written down that it "
                "was tried."
            ),
            code="approval.same_browser",
        )


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
