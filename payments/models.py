"""Gathers the rooms' models for Django."""

from payments.banking.models import BankOrder, CardDraft, LinkedCard, SandboxBankOrder, TopUp
from payments.processing.models import Payment, PaymentStatusChange
from payments.wallets.models import LimitUsage, Wallet

__all__ = [
    "BankOrder",
    "CardDraft",
    "LimitUsage",
    "LinkedCard",
    "Payment",
    "PaymentStatusChange",
    "SandboxBankOrder",
    "TopUp",
    "Wallet",
]
