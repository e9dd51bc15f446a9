"""The check code of a receipt: proof that we printed it, without keeping a list of receipts.

Twelve signs of Crockford's base 32 (60 bits) of an HMAC over everything the slip says that
matters. Whoever changes the amount on paper gets the true amount shown at /verify/.
"""

from __future__ import annotations

import hmac
import unicodedata

from accounts.security.keyed import keyed_hashes
from payments.processing.models import Payment

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
# What readers mistake for one another counts as the same sign.
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def check_code(payment: Payment) -> str:
    """The code of a settled payment, in three groups of four."""
    return _codes(payment)[0]


def _codes(payment: Payment) -> list[str]:
    """Under the newest key first, then as slips printed under older keys have it."""
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
    return [
        _spell(each) for each in keyed_hashes(purpose="receipt", text="|".join(map(str, facts)))
    ]


def _spell(hashed: str) -> str:
    number = int(hashed, 16)
    signs = "".join(_SIGNS[number >> (5 * place) & 31] for place in range(_LENGTH))
    return "-".join(signs[at : at + 4] for at in range(0, _LENGTH, 4))


def is_check_code(payment: Payment, typed: str) -> bool:
    """Whether somebody typed this payment's code; case, spaces and dashes do not matter."""
    given = tidy(typed).translate(_ALIKE).encode()
    expected = [code.replace("-", "").encode() for code in _codes(payment)]
    return any(hmac.compare_digest(each, given) for each in expected)


def tidy(typed: str) -> str:
    """Letters and digits in capitals, without spaces and dashes: a number as it is stored."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(sign for sign in text if sign.isalnum())
