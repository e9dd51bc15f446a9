"""The records of this room, one file per noun."""

from payments.banking.reconciliation.models.cases import CaseNote, ReconciliationCase
from payments.banking.reconciliation.models.files import BankFile, FileOrder, FileOrderStep
from payments.banking.reconciliation.models.sandbox import SandboxMovement, SandboxStatement
from payments.banking.reconciliation.models.statements import (
    BankStatement,
    EntryOutcome,
    StatementEntry,
)

__all__ = [
    "BankFile",
    "BankStatement",
    "CaseNote",
    "EntryOutcome",
    "FileOrder",
    "FileOrderStep",
    "ReconciliationCase",
    "SandboxMovement",
    "SandboxStatement",
    "StatementEntry",
]
