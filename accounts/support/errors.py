"""What support is told when something is not possible."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class CustomerNotFound(Refusal):
    """The number is nobody's, or no customer's."""

    def __init__(self) -> None:
        super().__init__(
            _("No customer has exactly this phone number. Ask the caller to spell it out."),
            code="support.unknown",
            field="phone",
        )


class OwnRecord(Refusal):
    """Nobody helps themselves."""

    def __init__(self) -> None:
        super().__init__(
            _("This is your own record. A colleague has to help you."),
            code="support.own",
            field="phone",
        )


class IdTriesUsed(Refusal):
    """Guessing the digits ends here."""

    def __init__(self) -> None:
        super().__init__(
            _("The digits were wrong too often in this visit. End the call and say so to a lead."),
            code="support.id_tries",
            field="digits",
        )


class IdDigitsWrong(Refusal):
    """Says only that they do not match."""

    def __init__(self, *, tries_left: int) -> None:
        super().__init__(
            _("These digits do not match. Tries left in this visit: %(left)s."),
            code="support.id_wrong",
            params={"left": tries_left},
            field="digits",
        )


class CodeNotAsked(Refusal):
    """There is no code to read back yet."""

    def __init__(self) -> None:
        super().__init__(
            _("Send a code first, then type what the caller reads to you."),
            code="support.no_code",
            field="code",
        )


class CallerNotChecked(Refusal):
    """The steps come in order."""

    def __init__(self) -> None:
        super().__init__(
            _("Check the caller first: the code, and the ID digits where there is an ID."),
            code="support.not_checked",
        )


class NotAtCounter(Refusal):
    """A document is seen, not heard of."""

    def __init__(self) -> None:
        super().__init__(_("Only for customers at the counter."), code="support.not_at_counter")


class NoIdentity(Refusal):
    """A document proves who somebody is; here there is nothing to compare it with."""

    def __init__(self) -> None:
        super().__init__(
            _("No ID number is on record, so there is nothing that the document could match."),
            code="support.no_identity",
        )


class NoQuestion(Refusal):
    """Nothing to ask about, or asked enough."""

    def __init__(self) -> None:
        super().__init__(
            _("There is no further question for this visit."), code="support.no_question"
        )


class AnswerWrong(Refusal):
    """Says only that it does not fit."""

    def __init__(self) -> None:
        super().__init__(
            _("This does not fit the records. It counts against the caller."),
            code="support.answer_wrong",
        )


class AlreadyProposed(Refusal):
    """One open proposal about one thing is enough."""

    def __init__(self) -> None:
        super().__init__(
            _("This is proposed already; a second person has to decide it."),
            code="support.already_proposed",
        )


class NothingLocked(Refusal):
    """It ended by itself, or a colleague was faster."""

    def __init__(self) -> None:
        super().__init__(
            _("There is no lock to end any more; nothing was changed."),
            code="support.nothing_locked",
        )


class VisitOver(Refusal):
    """A record does not stay open."""

    def __init__(self) -> None:
        super().__init__(
            _("This visit is over. Open the customer again, with a reason."),
            code="support.visit_over",
        )
