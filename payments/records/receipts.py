"""The check code of a receipt: proof that we printed it, without keeping a list of receipts.

Twelve signs of Crockford's base 32 (60 bits) of an HMAC over everything the slip says that
matters. Whoever changes the amount on paper gets the true amount shown at /verify/.
"""

from __future__ import annotations

import hmac
import unicodedata

from accounts.security.keyed import keyed_hash
from payments.processing.models import Payment

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
# What readers mistake for one another counts as the same sign.
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def check_code(payment: Payment) -> str:
    """The code of a settled payment, in three groups of four."""
    facts = (
        payment.public_id,
        payment.reference,
        payment.kind,
        payment.amount_minor,
        payment.currency,
        payment.payer_wallet_id or 0,
        payment.payee_wallet_id or 0,
        payment.succeeded_at.isoformat() if payment.succeeded_at else "",
    )
    number = int(keyed_hash(purpose="receipt", text="|".join(map(str, facts))), 16)
    signs = "".join(_SIGNS[number >> (5 * place) & 31] for place in range(_LENGTH))
    return "-".join(signs[at : at + 4] for at in range(0, _LENGTH, 4))


def is_check_code(payment: Payment, typed: str) -> bool:
    """Whether somebody typed this payment's code; case, spaces and dashes do not matter."""
    expected = check_code(payment).replace("-", "")
    return hmac.compare_digest(expected.encode(), tidy(typed).translate(_ALIKE).encode())


def tidy(typed: str) -> str:
    """Letters and digits in capitals, without spaces and dashes: a number as it is stored."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(sign for sign in text if sign.isalnum())
