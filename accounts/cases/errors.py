"""How a case says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class TextMissing(Refusal):
    """Nothing readable was written."""

    def __init__(self, field: str = "body") -> None:
        super().__init__(
            _("Write what happened; a few words are enough."), code="case.empty", field=field
        )


class TextTooLong(Refusal):
    """More than a message holds."""

    def __init__(self, *, most: int, typed: int, field: str = "body") -> None:
        super().__init__(
            _("At most %(most)s characters, please; these are %(typed)s."),
            code="case.long",
            params={"most": most, "typed": typed},
            field=field,
        )


class PaymentUnknown(Refusal):
    """The reference is not one of this customer's."""

    def __init__(self) -> None:
        super().__init__(
            _("None of your payments has this reference. Check it, or leave the field empty."),
            code="case.payment",
            field="payment_reference",
        )


class CaseIsClosed(Refusal):
    """Nobody writes into a closed case."""

    def __init__(self) -> None:
        super().__init__(
            _("This case is closed. Open it again to write, or open a new one."),
            code="case.closed",
        )


class CaseTooOld(Refusal):
    """Closed too long ago to go on with it."""

    def __init__(self) -> None:
        super().__init__(
            _("This case was closed too long ago. Please open a new one."), code="case.old"
        )


class CaseNotTaken(Refusal):
    """Only who has taken a case reads and answers it."""

    def __init__(self) -> None:
        super().__init__(
            _("Take the case first; the customer sees that somebody is on it."),
            code="case.not_taken",
        )


class OwnCase(Refusal):
    """Nobody answers themselves."""

    def __init__(self) -> None:
        super().__init__(_("This is your own case. A colleague has to help you."), code="case.own")


class TooManyOpen(Refusal):
    """One person has enough open cases."""

    def __init__(self, most: int) -> None:
        super().__init__(
            _("You have %(most)s open cases. Please go on in one of them, or close one."),
            code="case.many",
            params={"most": most},
        )


class ReadingCodeWrong(Refusal):
    """The same for a wrong code, a case that has none, and a case that is not there."""

    def __init__(self) -> None:
        super().__init__(
            _("This number and this reading code do not belong together. Check both."),
            code="case.reading_code",
            field="reading_code",
        )


class ReadingExpired(Refusal):
    """The walk to a case without signing in is over, or a step of it was left out."""

    def __init__(self) -> None:
        super().__init__(_("That took too long. Please start again."), code="case.walk")
