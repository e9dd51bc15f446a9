"""The status codes in a bank's files, and what they mean here. What a reason code means to the
customer stands in `payments/banking/reasons.py`.

Source: ISO 20022 external code list, ExternalPaymentTransactionStatus1Code.
"""

from __future__ import annotations

from enum import StrEnum


class Meaning(StrEnum):
    """What a status says about an order."""

    ACCEPTED = "accepted"
    SETTLED = "settled"
    REFUSED = "refused"
    PARTLY = "partly"
    UNKNOWN = "unknown"


_STATUSES = {
    Meaning.ACCEPTED: ("RCVD", "ACTC", "ACCP", "ACFC", "ACSP", "ACWC", "ACWP", "PDNG", "PATC"),
    Meaning.SETTLED: ("ACSC", "ACCC"),
    Meaning.REFUSED: ("RJCT", "CANC"),
    Meaning.PARTLY: ("PART",),
}
_MEANING = {code: meaning for meaning, codes in _STATUSES.items() for code in codes}


def meaning_of(status: str) -> Meaning:
    """What a status code says; UNKNOWN for one that is not in the table."""
    return _MEANING.get(status, Meaning.UNKNOWN)
