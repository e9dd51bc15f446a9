"""Where the rooms of payments keep what the vault encrypts: what `rotate_keys` writes anew."""

from __future__ import annotations

import json

from accounts.identity.rotation import EncryptedColumn, register_encrypted


def register_columns() -> None:
    """Make them known."""
    register_encrypted(
        EncryptedColumn("payments.LinkedCard", "number_token", {"number_index": _card}),
        EncryptedColumn("payments.CardDraft", "number_token", {"number_index": _card}),
        EncryptedColumn("payments.BankFile", "content_token"),
        EncryptedColumn("payments.FileOrder", "payee_token", {"account_index": _account}),
        EncryptedColumn("payments.StatementEntry", "details_token", {"account_index": _account}),
        EncryptedColumn("payments.SandboxMovement", "account_token"),
    )


def _card(digits: str) -> str:
    from payments.banking.services.cards import card_indexes

    return card_indexes(digits)[0]


def _account(details: str) -> str:
    from payments.banking.reconciliation.services.orders import account_index

    return account_index(json.loads(details)["account"])
