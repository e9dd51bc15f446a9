"""Every way in which the books say no.

Each error has a stable `code` (for programs, tests and logs), named `params`, and a `message` that
says what is wrong and what to do, translated when it is shown and not when it is raised. `ledger`
knows no people, so these are not the `Refusal` that pages show: `payments` turns one into another.
"""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class LedgerError(Exception):
    """The books refused; nothing was written."""

    code: ClassVar[str] = "ledger.refused"
    template: ClassVar[str | Promise] = _("The books refused this. No money has moved.")

    def __init__(self, **params: object) -> None:
        super().__init__(self.code, params)
        self.params = params

    @property
    def message(self) -> str:
        """The sentence, with its params, in the language that is active now."""
        return str(self.template) % self.params if self.params else str(self.template)

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code} ({details})" if details else self.code


class InsufficientFunds(LedgerError):
    """The account would fall below zero on its normal side, holds included."""

    code = "ledger.insufficient_funds"
    template = _("There is not enough money available. No money has moved.")

    def __init__(self, account_id: int) -> None:
        super().__init__(account_id=account_id)
        self.account_id = account_id


class BalanceCapExceeded(LedgerError):
    """The account would hold more than its cap, holds on their way in included."""

    code = "ledger.balance_cap"
    template = _("The receiving wallet cannot hold that much. No money has moved.")

    def __init__(self, account_id: int) -> None:
        super().__init__(account_id=account_id)
        self.account_id = account_id


class AccountClosed(LedgerError):
    """A closed account takes part in nothing new."""

    code = "ledger.account_closed"
    template = _("This ledger account is closed. No money has moved.")

    def __init__(self, account_id: int) -> None:
        super().__init__(account_id=account_id)
        self.account_id = account_id


class AccountNotEmpty(LedgerError):
    """Only an account with nothing left, nothing held and nothing on its way may be closed."""

    code = "ledger.account_not_empty"
    template = _("There is still money or a hold on this ledger account. Clear it, then close.")

    def __init__(self, account_id: int) -> None:
        super().__init__(account_id=account_id)
        self.account_id = account_id


class EntryConflict(LedgerError):
    """The key was used before with another input: the first result stands, this one is refused."""

    code = "ledger.entry_conflict"
    template = _(
        "This request was already booked with other details. The first one stands; "
        "look it up before you try again."
    )

    def __init__(self, key: str) -> None:
        super().__init__(key=key)
        self.key = key


class BadPosting(LedgerError):
    """The draft itself is wrong (a bug in the caller): `reason` says how."""

    code = "ledger.bad_posting"
    template = _("This cannot be booked. No money has moved. Tell support: %(reason)s")

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class AccountConflict(LedgerError):
    """The code belongs to an account that was opened with other particulars."""

    code = "ledger.account_conflict"
    template = _("The ledger account %(account_code)s exists already, opened otherwise.")

    def __init__(self, account_code: str) -> None:
        super().__init__(account_code=account_code)


class AccountMissing(LedgerError):
    """No account has this id."""

    code = "ledger.account_missing"
    template = _("There is no such ledger account.")

    def __init__(self, account_id: int) -> None:
        super().__init__(account_id=account_id)
        self.account_id = account_id


class HoldMissing(LedgerError):
    """No hold has this id."""

    code = "ledger.hold_missing"
    template = _("There is no such hold.")

    def __init__(self, hold_id: int) -> None:
        super().__init__(hold_id=hold_id)


class HoldNotOpen(LedgerError):
    """The hold was resolved before (`outcome`: captured, voided, expired) or its time is over."""

    code = "ledger.hold_not_open"
    template = _("This hold has ended already. Ask for a new one.")

    def __init__(self, hold_id: int, outcome: str) -> None:
        super().__init__(hold_id=hold_id, outcome=outcome)
        self.outcome = outcome


class CaptureTooLarge(LedgerError):
    """A capture takes the whole hold or a part of it, never more."""

    code = "ledger.capture_too_large"
    template = _("This is more than was held. Capture the held amount or less.")

    def __init__(self, hold_id: int) -> None:
        super().__init__(hold_id=hold_id)


class EntryMissing(LedgerError):
    """No entry has this id."""

    code = "ledger.entry_missing"
    template = _("There is no such journal entry.")

    def __init__(self, entry_id: int) -> None:
        super().__init__(entry_id=entry_id)


class AlreadyReversed(LedgerError):
    """An entry is reversed once; a reversal is not reversed: the event is booked again instead."""

    code = "ledger.already_reversed"
    template = _("This journal entry is reversed already, or is a reversal itself.")

    def __init__(self, entry_id: int) -> None:
        super().__init__(entry_id=entry_id)


class MoneyError(LedgerError):
    """The text is no amount. One class; `code` names what is wrong with it."""

    code = "amount.format"
    template = _("Write the amount in digits, for example 12.50.")


class AmountEmpty(MoneyError):
    code = "amount.empty"
    template = _("Enter an amount, for example 12.50.")


class AmountZero(MoneyError):
    code = "amount.zero"
    template = _("The amount must be more than zero.")


class AmountNegative(MoneyError):
    code = "amount.negative"
    template = _("The amount cannot be negative. Leave out the minus sign.")


class AmountExponent(MoneyError):
    code = "amount.exponent"
    template = _("Write the amount out in digits, without the letter e.")


class AmountNotASCII(MoneyError):
    code = "amount.full_width"
    template = _("Use the digits 0 to 9 of the plain keyboard, for example 12.50.")


class AmountTooPrecise(MoneyError):
    """More decimals than the currency has: an error, never a rounding."""

    code = "amount.too_many_decimals"
    template = _("Use at most %(decimals)s digits after the point. Amounts are not rounded.")


class AmountNoDecimals(AmountTooPrecise):
    template = _("%(currency)s has no decimals. Enter a whole amount.")


class AmountNotANumber(MoneyError):
    code = "amount.not_a_number"
    template = _("This is not an amount. Write digits, for example 12.50.")


class AmountTooLarge(MoneyError):
    code = "amount.too_large"
    template = _("The amount is too large. The most is %(most)s.")


class AmountControlCharacter(MoneyError):
    code = "amount.control_character"
    template = _("The amount contains a character that cannot be seen. Type it again.")


class AmountSeparator(MoneyError):
    code = "amount.separator"
    template = _("Leave out commas and spaces; use a point for the decimals, for example 1234.50.")


class UnknownCurrency(MoneyError):
    code = "amount.unknown_currency"
    template = _("The currency %(currency)s is not known here.")


class CurrencyMismatch(MoneyError):
    """Two amounts of different currencies were added or compared: a bug in the caller."""

    code = "amount.currency_mismatch"
    template = _("Amounts in %(left)s and %(right)s cannot be put together.")
