"""Whose records the rows of the payments admin are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.security.looking import CustomerRecordMixin, require_look
from accounts.users.models import User
from ledger.admin import ReadOnlyAdmin
from payments.wallets.models import Wallet


class WalletRecordAdmin(CustomerRecordMixin, ReadOnlyAdmin):
    """Rows that hang on wallets: their owners' records."""

    def wallets_of(self, row: Any) -> Iterable[Wallet | None]:
        """The wallets that the row is about; most rows have one."""
        return [row.wallet]

    def customers_of(self, row: Any) -> Sequence[User]:
        """The owners."""
        return owners_of(self.wallets_of(row))

    def customers_searched(self, text: str) -> Sequence[User]:
        """A search for a wallet number lists one owner's rows, however it is quoted."""
        return list(User.objects.filter(wallets__number__in=re.findall(r"[0-9]{16}", text)))


def owners_of(wallets: Iterable[Wallet | None]) -> list[User]:
    """Of the wallets that are there."""
    return [wallet.owner for wallet in wallets if wallet is not None]


def owners_of_payment(payment: Any) -> list[User]:
    """Both sides, and who made it."""
    sides = [payment.payer_wallet, payment.payee_wallet]
    return [*owners_of(sides), *([payment.created_by] if payment.created_by else [])]


def gate_books(request: HttpRequest, account_ids: Sequence[int], what: str) -> HttpResponse | None:
    """For the books, which know no people: a row with a customer's account is their record."""
    wallets = Wallet.objects.filter(ledger_account_id__in=account_ids).select_related("owner")
    return require_look(
        request,
        customers=owners_of(wallets),
        what=what,
        title=_("Why do you open this record?"),
    )


def is_wallet_account(account: Any) -> bool:
    """Whether a ledger account is a wallet's; `services` gives them such codes."""
    return str(account.code).startswith("wallet:")
