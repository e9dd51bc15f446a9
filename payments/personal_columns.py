"""What the rooms of payments keep about somebody, and when it ends (accounts/closing/personal.py).

What a payment says to the other side is theirs as well: masked labels stay, whole numbers and what
the one who is forgotten wrote do not.
"""

from __future__ import annotations

from accounts.closing.personal import Ends, Personal, register_personal

_MASKED = "masked when it was written; also the other side's record of the payment"
_WORDS_OF_STAFF = "staff's own words about what they did; whole numbers are taken out of them"
_BOTH = ("payer_wallet__owner", "payee_wallet__owner")
_ORDERED = ("created_by", "payer_wallet__owner")


def register_columns() -> None:
    """Make them known."""
    register_personal(*_OF_PAYMENTS, *_OF_PLANS, *_OF_THE_BANK, *_STAYING)


_OF_PAYMENTS = (
    Personal("payments.Payment", ("payee_typed",), Ends.RETENTION, of=_BOTH),
    Personal("payments.Payment", ("note", "input_digest"), Ends.RETENTION, of=_ORDERED),
    Personal(
        "payments.SearchWord",
        ("word",),
        Ends.RETENTION,
        of=("wallet__owner", "payment__payer_wallet__owner"),
        is_deleted=True,
    ),
    Personal(
        "payments.UnclaimedTransfer",
        ("phone",),
        Ends.RETENTION,
        of=("payment__payer_wallet__owner", "payment__payee_wallet__owner"),
    ),
    Personal("payments.TransferNotice", ("party",), Ends.RETENTION, of=("owner",), is_deleted=True),
)
_OF_PLANS = (
    Personal("payments.StandingOrder", ("payee_typed",), Ends.RETENTION, of=_BOTH),
    Personal("payments.StandingOrder", ("note", "input_digest"), Ends.RETENTION, of=_ORDERED),
    Personal("payments.TransferBatch", ("file_name",), Ends.RETENTION, of=("owner",)),
    Personal(
        "payments.BatchLine",
        ("payee_typed", "payee_key"),
        Ends.RETENTION,
        of=("batch__owner", "payee_wallet__owner"),
    ),
    Personal(
        "payments.BatchLine",
        ("amount_typed", "note", "problems"),
        Ends.RETENTION,
        of=("batch__owner",),
    ),
)
_OF_THE_BANK = (
    Personal(
        "payments.LinkedCard", ("number_token", "number_index"), Ends.RETENTION, of=("owner",)
    ),
    Personal(
        "payments.LinkedCard",
        ("number_token", "number_index"),
        Ends.TIME,
        since="removed_at",
    ),
    Personal(
        "payments.CardDraft",
        ("number_token", "number_index", "bank_bin", "last4"),
        Ends.TIME,
        since="created_at",
        days=1,
        is_deleted=True,
    ),
    # Files name many people; all of them were written before any of those closed.
    Personal("payments.BankFile", ("content_token",), Ends.TIME, since="created_at"),
    Personal(
        "payments.FileOrder", ("payee_token", "account_index"), Ends.TIME, since="received_at"
    ),
    Personal(
        "payments.StatementEntry",
        ("details_token", "account_index"),
        Ends.TIME,
        since="statement__imported_at",
    ),
    Personal(
        "payments.SandboxMovement", ("account_token",), Ends.TIME, since="statement__created_at"
    ),
)
_STAYING = (
    Personal("payments.Payment", ("counterparty_label", "payer_label"), Ends.STAYS, how=_MASKED),
    Personal(
        "payments.StandingOrder", ("counterparty_label", "payer_label"), Ends.STAYS, how=_MASKED
    ),
    Personal("payments.BatchLine", ("payee_label",), Ends.STAYS, how=_MASKED),
    Personal("payments.Wallet", ("name",), Ends.STAYS, how="the name of a shop, which is public"),
    Personal(
        "payments.LinkedCard",
        ("bank_bin", "last4"),
        Ends.STAYS,
        how="what receipts show; ten digits of a card number name nobody",
    ),
    Personal("payments.PaymentStatusChange", ("reason",), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal("payments.Freeze", ("reason",), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal("payments.LimitOverride", ("reason",), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal("payments.PaymentCase", ("said", "evidence"), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal("payments.CaseStep", ("text",), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal("payments.CaseNote", ("text",), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal(
        "ledger.JournalEntry",
        ("note",),
        Ends.STAYS,
        how="keys of holds; the books know no people",
    ),
)
