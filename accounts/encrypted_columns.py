"""Where people's rooms keep what the vault encrypts: what `rotate_keys` writes anew.

The texts of a case lie under the case's own key, and that key is what the vault encrypts.
"""

from __future__ import annotations

from accounts.identity.rotation import EncryptedColumn, register_encrypted
from accounts.identity.vault import blind_index


def register_columns() -> None:
    """Make them known."""
    register_encrypted(
        EncryptedColumn("accounts.Identity", "name_encrypted"),
        EncryptedColumn(
            "accounts.Identity", "id_number_encrypted", {"id_number_index": blind_index}
        ),
        EncryptedColumn("accounts.FormerCustomer", "name_encrypted"),
        EncryptedColumn(
            "accounts.FormerCustomer",
            "id_number_encrypted",
            {"id_number_index": blind_index},
        ),
        EncryptedColumn("accounts.FormerCustomer", "phone_encrypted", {"phone_index": blind_index}),
        EncryptedColumn("accounts.Authenticator", "secret"),
        EncryptedColumn("accounts.SmsCode", "code_encrypted"),
        EncryptedColumn("accounts.KeptForm", "fields_encrypted"),
        EncryptedColumn("accounts.Application", "name_encrypted"),
        EncryptedColumn("accounts.Application", "id_number_encrypted"),
        EncryptedColumn("accounts.Application", "phone_encrypted"),
        EncryptedColumn("accounts.Change", "undo_encrypted"),
        EncryptedColumn("accounts.NotMeWalk", "phone_encrypted"),
        EncryptedColumn("accounts.PhoneChange", "new_phone_encrypted"),
        EncryptedColumn("accounts.NumberWalk", "phone_encrypted"),
        EncryptedColumn("accounts.NumberClaim", "phone_encrypted"),
        EncryptedColumn("accounts.FormerNumber", "phone_encrypted", {"phone_index": blind_index}),
        EncryptedColumn("accounts.Case", "phone_encrypted"),
        EncryptedColumn("accounts.Case", "key_encrypted"),
        EncryptedColumn("accounts.CaseReading", "phone_encrypted"),
        EncryptedColumn("accounts.Proposal", "private_encrypted"),
    )
