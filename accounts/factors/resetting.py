"""What a reset of the payment password asks of somebody who has a second factor."""

from __future__ import annotations

from accounts.factors.services import verify_second_factor
from accounts.users.models import User


def check_factor(user: User, code: str, address: str) -> None:
    """An app code or a recovery code, once. Raises `FactorWrong`, `FactorLocked`."""
    verify_second_factor(user=user, code=code, address=address)
