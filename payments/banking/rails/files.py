"""The rail of files: an order waits for the next pain.001, its answer comes in other files.

Orders that collect money from cards cannot travel in a pain.001. They go by another rail
(`BANK_COLLECT_RAIL`); where there is none, the order waits for a credit with its reference.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from payments.banking.rails.base import Answer, BankRail, Instruction, Outcome
from payments.banking.rails.iso20022.documents import DocumentRefused
from payments.banking.reconciliation.models import FileOrder
from payments.banking.reconciliation.selectors import find_file_order
from payments.banking.reconciliation.services.orders import COLLECT, is_same_order, take_order
from payments.banking.reconciliation.states import FileOrderState

# The account of the settings as delivered, which no bank has.
SAMPLE_ACCOUNT = "99990000000000000018"

_OUTCOMES = {
    FileOrderState.WAITING: Outcome.PENDING,
    FileOrderState.IN_FILE: Outcome.PENDING,
    FileOrderState.ACCEPTED: Outcome.PENDING,
    FileOrderState.SETTLED: Outcome.SETTLED,
    FileOrderState.REFUSED: Outcome.REFUSED,
    # What came back afterwards is booked by itself; the order was carried out.
    FileOrderState.RETURNED: Outcome.SETTLED,
}


class FileRail:
    """The way to a bank that speaks ISO 20022 files."""

    # The bank works through files once or twice a day.
    answers_within_seconds = 24 * 3600

    @property
    def runs_here(self) -> bool:
        """Files are rows until they are exchanged; the other rail may be a network."""
        other = _collect_rail()
        return other is None or getattr(other, "runs_here", False) is True

    @staticmethod
    def sample_settings() -> list[str]:
        """Settings of which a real bank knows nothing yet; start-up checks name them."""
        is_sample = settings.BANK_FILES["account"] == SAMPLE_ACCOUNT
        return ["BANK_FILES_ACCOUNT"] if is_sample else []

    @staticmethod
    def other_rails() -> list[str]:
        """Rails that it hands orders on to: start-up checks look at them as well."""
        name = settings.BANK_FILES["collect_rail"]
        return [name] if name else []

    def submit(self, instruction: Instruction) -> Answer:
        """Take the order in for the next file, once per reference."""
        other = _collect_rail()
        if instruction.direction == COLLECT and other is not None:
            return other.submit(instruction)
        try:
            order = take_order(instruction=instruction)
        except DocumentRefused:
            # No file could carry it: nothing left the house.
            return Answer(Outcome.REFUSED, reason="not_writable")
        if not is_same_order(order=order, instruction=instruction):
            return Answer(Outcome.REFUSED, reason="content_differs")
        return _answer(order)

    def poll(self, reference: str) -> Answer:
        """What the files that were imported have said of the order."""
        order = find_file_order(reference)
        if order is not None:
            return _answer(order)
        other = _collect_rail()
        return other.poll(reference) if other is not None else Answer(Outcome.NOT_FOUND)


def _collect_rail() -> BankRail | None:
    name = settings.BANK_FILES["collect_rail"]
    if not name:
        return None
    rail: BankRail = import_string(name)()
    return rail


def _answer(order: FileOrder) -> Answer:
    return Answer(
        _OUTCOMES[FileOrderState(order.state)],
        bank_reference=order.bank_reference,
        reason=order.reason,
    )
