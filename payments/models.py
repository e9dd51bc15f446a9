"""Gathers the rooms' models for Django."""

from payments.banking.cases.models import CaseStep, PaymentCase
from payments.banking.models import (
    BankOrder,
    BankReturn,
    CardDraft,
    LinkedCard,
    SandboxBankOrder,
    TopUp,
    Withdrawal,
)
from payments.banking.reconciliation.models import (
    BankFile,
    BankStatement,
    CaseNote,
    EntryOutcome,
    FileOrder,
    FileOrderStep,
    ReconciliationCase,
    SandboxMovement,
    SandboxStatement,
    StatementEntry,
)
from payments.closing.models import WalletClosing
from payments.processing.models import (
    Payment,
    PaymentStatusChange,
    PaymentTally,
    SearchWord,
    TallyMark,
)
from payments.proving.models import ProofRules, SecondProof
from payments.safety.models import FreezeCode, LiftWalk
from payments.transfers.batch.models import BatchLine, TransferBatch
from payments.transfers.models import TransferNotice
from payments.transfers.standing_orders.models import StandingOrder, StandingRun
from payments.transfers.unclaimed.models import UnclaimedTransfer
from payments.wallets.models import Freeze, LimitUsage, OwnLimits, Wallet

__all__ = [
    "BankFile",
    "BankOrder",
    "BankReturn",
    "BankStatement",
    "BatchLine",
    "CardDraft",
    "CaseNote",
    "CaseStep",
    "EntryOutcome",
    "FileOrder",
    "FileOrderStep",
    "Freeze",
    "FreezeCode",
    "LiftWalk",
    "LimitUsage",
    "LinkedCard",
    "OwnLimits",
    "Payment",
    "PaymentCase",
    "PaymentStatusChange",
    "PaymentTally",
    "ProofRules",
    "ReconciliationCase",
    "SandboxBankOrder",
    "SandboxMovement",
    "SandboxStatement",
    "SearchWord",
    "SecondProof",
    "StandingOrder",
    "StandingRun",
    "StatementEntry",
    "TallyMark",
    "TopUp",
    "TransferBatch",
    "TransferNotice",
    "UnclaimedTransfer",
    "Wallet",
    "WalletClosing",
    "Withdrawal",
]
