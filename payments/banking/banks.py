"""Which bank a card belongs to, by its first six digits (its BIN, ISO/IEC 7812).

Neutral on purpose: the names are invented. A bank that runs this wallet replaces the table by
the one that its card scheme gives it; a card whose BIN is not listed is called by its scheme.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# UnionPay numbers begin with 62; debit cards of other schemes are not taken.
ACCEPTED_PREFIX = "62"
SHORTEST, LONGEST = 16, 19

BANK_BY_BIN: dict[str, str | Promise] = {
    "621099": _("Riverside Bank"),
    "622599": _("Hillview Bank"),
    "623399": _("Lakeshore Bank"),
}
# The bank's member number in the clearing system (CNAPS, 12 digits), for payments to the card.
# Without one the order goes by the card number alone.
CLEARING_CODE_BY_BIN: dict[str, str] = {
    "621099": "999100000015",
    "622599": "999200000012",
    "623399": "999300000019",
}
OTHER_BANK = _("Bank card")


def bank_label(bank_bin: str) -> str:
    """The name to show for a card with this BIN, in the active language."""
    return str(BANK_BY_BIN.get(bank_bin, OTHER_BANK))
