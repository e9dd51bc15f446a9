"""What files, orders in files and cases may become: the tables from which everything derives."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FileDirection(models.TextChoices):
    """Whose file it is."""

    OUT = "out", _("to the bank")
    IN = "in", _("from the bank")


class FileState(models.TextChoices):
    """Where a file stands. Ours is written down first, then put into the folder."""

    PREPARED = "prepared", pgettext_lazy("bank file", "written down, not in the folder yet")
    PLACED = "placed", pgettext_lazy("bank file", "in the folder for the bank")
    IMPORTED = "imported", pgettext_lazy("bank file", "imported")
    REPEATED = "repeated", pgettext_lazy("bank file", "said nothing new")
    REFUSED = "refused", pgettext_lazy("bank file", "refused as a whole")


class FileOrderState(models.TextChoices):
    """What the bank's files have said of an order so far."""

    WAITING = "waiting", pgettext_lazy("order in a file", "waiting for the next file")
    IN_FILE = "in_file", pgettext_lazy("order in a file", "in a file to the bank")
    ACCEPTED = "accepted", pgettext_lazy("order in a file", "accepted by the bank")
    SETTLED = "settled", pgettext_lazy("order in a file", "settled")
    REFUSED = "refused", pgettext_lazy("order in a file", "refused by the bank")
    RETURNED = "returned", pgettext_lazy("order in a file", "settled, later returned")


# An order that the bank collects never goes into a file: it waits for the money to come. And one
# that a restored backup believes to be waiting may be on a statement already.
FILE_ORDER_TRANSITIONS: dict[FileOrderState, frozenset[FileOrderState]] = {
    FileOrderState.WAITING: frozenset(
        {FileOrderState.IN_FILE, FileOrderState.SETTLED, FileOrderState.REFUSED}
    ),
    FileOrderState.IN_FILE: frozenset(
        {FileOrderState.ACCEPTED, FileOrderState.SETTLED, FileOrderState.REFUSED}
    ),
    FileOrderState.ACCEPTED: frozenset({FileOrderState.SETTLED, FileOrderState.REFUSED}),
    FileOrderState.SETTLED: frozenset({FileOrderState.RETURNED}),
    FileOrderState.REFUSED: frozenset(),
    FileOrderState.RETURNED: frozenset(),
}
FINAL_ORDER_STATES = (
    FileOrderState.SETTLED,
    FileOrderState.REFUSED,
    FileOrderState.RETURNED,
)


DIRECTIONS = (("credit", _("money came")), ("debit", _("money went")))


class EntryResult(models.TextChoices):
    """What became of a row of a statement; decided once."""

    MATCHED = "matched", _("matched to an order")
    RETURNED = "returned", _("a return, given back to the wallet")
    PARKED = "parked", _("a return that the wallet could not take")
    CASE = "case", _("a case for staff")
    NOT_BOOKED = "not_booked", _("announced only, not booked by the bank")


class CaseState(models.TextChoices):
    """Where a case stands."""

    OPEN = "open", pgettext_lazy("case", "open")
    ASSIGNED = "assigned", pgettext_lazy("case", "somebody is on it")
    RESOLVED = "resolved", pgettext_lazy("case", "resolved")


CASE_TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.ASSIGNED, CaseState.RESOLVED}),
    CaseState.ASSIGNED: frozenset({CaseState.ASSIGNED, CaseState.RESOLVED}),
    CaseState.RESOLVED: frozenset(),
}
UNRESOLVED = (CaseState.OPEN, CaseState.ASSIGNED)


class CaseKind(models.TextChoices):
    """What does not agree."""

    FILE_REFUSED = "file_refused", _("A file from the bank could not be used")
    UNKNOWN_ORDER = "unknown_order", _("The bank speaks of an order that is not ours")
    STATUS_BACKWARD = "status_backward", _("The bank says otherwise after a final answer")
    STATUS_UNCLEAR = "status_unclear", _("The bank's answer contradicts itself or is unknown")
    UNMATCHED_CREDIT = "unmatched_credit", _("Money came that belongs to no order")
    UNMATCHED_DEBIT = "unmatched_debit", _("Money went that belongs to no order")
    AMOUNT_DIFFERS = "amount_differs", _("Another amount than ordered")
    DIRECTION_DIFFERS = "direction_differs", _("Money went the other way than ordered")
    CREDITOR_DIFFERS = "creditor_differs", _("Another account than ordered")
    DUPLICATE_ENTRY = "duplicate_entry", _("The same order was booked twice")
    PAID_AFTER_REFUSAL = "paid_after_refusal", _("Refused by the bank, and booked all the same")
    RETURN_UNCLEAR = "return_unclear", _("A return that fits no settled order")
    SEQUENCE_GAP = "sequence_gap", _("A statement is missing, or came twice")
    OPENING_DIFFERS = "opening_differs", _("A statement does not continue the one before")
    STATEMENT_DIFFERS = "statement_differs", _("A statement came again with other content")
    NOT_ON_STATEMENT = "not_on_statement", _("Settled days ago, and on no statement")
    BALANCE_DIFFERS = "balance_differs", _("The books and the bank's balance do not agree")
