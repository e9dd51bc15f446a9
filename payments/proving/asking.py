"""What is authorised, whether its owner wants a second proof for it, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security.devices import is_known_device
from accounts.users.models import User
from ledger.values import digest_of
from payments.proving.selectors import rules_of

if TYPE_CHECKING:
    from accounts.security.models import UserSession

# Why a second proof is asked for, as it stands on the page.
REASONS: dict[str, str | Promise] = {
    "amount": _("The amount is as high as you chose, or higher."),
    "new_payee": _("This payee is new, and what you send them comes to more than you chose."),
    "new_device": _("You have not paid from this device before."),
}


@dataclass(frozen=True)
class Ask:
    """Something by which money will leave: a payment, a plan, a file of transfers.

    `payee` is what a text message may name, in the reader's language. `new_payee_minor` finds the
    largest sum to somebody who is not known yet, 0 for none; it looks into the database, and only
    for an owner who wants to be asked for that. `facts` are who pays whom, and whatever else makes
    it another authorisation.
    """

    kind: str
    public_id: UUID
    user: User
    amount_minor: int
    currency: str
    payee: str
    facts: tuple[str | int | None, ...]
    new_payee_minor: Callable[[], int] = int

    @property
    def digest(self) -> str:
        """What a proof is bound to: any change is another authorisation.

        Source: RTS (EU) 2018/389 art. 5 (dynamic linking); ASVS 6.6.2.
        """
        return digest_of(
            "second proof",
            self.kind,
            str(self.public_id),
            self.user.pk,
            self.amount_minor,
            self.currency,
            *self.facts,
        )


def find_reasons(ask: Ask, session: UserSession | None) -> list[str]:
    """Why the owner wants a second proof for this; empty when they do not."""
    rules = rules_of(ask.user)
    reasons = []
    if rules.from_minor is not None and ask.amount_minor >= rules.from_minor:
        reasons.append("amount")
    over = rules.new_payee_over_minor
    if over is not None and ask.new_payee_minor() > over:
        reasons.append("new_payee")
    if rules.on_new_devices and not is_known_device(session):
        reasons.append("new_device")
    return reasons
