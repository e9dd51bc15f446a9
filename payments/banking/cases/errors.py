"""How a case says no to staff."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class CaseClosed(Refusal):
    """Somebody, or the bank's answer, ended it meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("This case is closed already."), code="case.closed")


class CaseNotYours(Refusal):
    """Only who has taken a case proposes how it ends."""

    def __init__(self) -> None:
        super().__init__(_("Take the case first; then you can propose its end."), code="case.owner")


class EndNotPossible(Refusal):
    """The case cannot end like this: the order stands elsewhere."""

    def __init__(self) -> None:
        super().__init__(
            _("This case cannot end like this, as the order stands now. Nothing was changed."),
            code="case.end",
            field="end",
        )


class EvidenceMissing(Refusal):
    """No end without evidence."""

    def __init__(self) -> None:
        super().__init__(
            _("Say what proves it: the bank's statement, its reference, who said it when."),
            code="case.evidence",
            field="evidence",
        )


class NothingProposed(Refusal):
    """There is no proposal to approve or decline."""

    def __init__(self) -> None:
        super().__init__(_("Nothing is proposed for this case."), code="case.not_proposed")


class ProposalWaits(Refusal):
    """What a second person may be reading does not change under their eyes."""

    def __init__(self) -> None:
        super().__init__(
            _("An end is proposed already. Take it back first; then you can propose another one."),
            code="case.proposed",
        )


class SecondPersonNeeded(Refusal):
    """Whoever proposed an end may not approve it."""

    def __init__(self) -> None:
        super().__init__(
            _("A second person has to approve this. Nothing was changed."),
            code="case.second_person",
        )


class EndNotBookable(Refusal):
    """The books say no: too little money, no room, or a closed wallet."""

    def __init__(self) -> None:
        super().__init__(
            _("The books refuse this: too little money, no room in the wallet, or it is closed."),
            code="case.books",
        )
