"""Everything that changes files, statements and cases."""

from payments.banking.reconciliation.services.batches import place_again, write_due_files
from payments.banking.reconciliation.services.cases import (
    add_note,
    assign_case,
    open_case,
    resolve_case,
)
from payments.banking.reconciliation.services.imports import ImportResult, import_bank_file
from payments.banking.reconciliation.services.matching import finish_what_waits
from payments.banking.reconciliation.services.proof import Proof, reconcile_bank

__all__ = [
    "ImportResult",
    "Proof",
    "add_note",
    "assign_case",
    "finish_what_waits",
    "import_bank_file",
    "open_case",
    "place_again",
    "reconcile_bank",
    "resolve_case",
    "write_due_files",
]
