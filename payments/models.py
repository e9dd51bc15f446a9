"""Gathers the rooms' models for Django."""

from payments.banking.models import (
    BankOrder,
    CardDraft,
    LinkedCard,
    SandboxBankOrder,
    TopUp,
    Withdrawal,
)
from payments.processing.models import Payment, PaymentStatusChange
from payments.wallets.models import LimitUsage, OwnLimits, Wallet

__all__ = [
    "BankOrder",
    "CardDraft",
    "LimitUsage",
    "LinkedCard",
    "OwnLimits",
    "Payment",
    "PaymentStatusChange",
    "SandboxBankOrder",
    "TopUp",
    "Wallet",
    "Withdrawal",
]
