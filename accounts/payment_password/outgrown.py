"""Looking at both passwords again when more is known of a person than when they chose them."""

from __future__ import annotations

from accounts.identity.passwords import look_again_at_login
from accounts.payment_password.services import look_again
from accounts.users.models import User


def look_at_passwords_again(*, user: User) -> None:
    """After a new phone number, or a name and an ID number: remember of each password whether it
    would be refused now. Hashes: call it when everything is committed."""
    # Of a row that was read before the change, the old facts would be tried.
    person = User.objects.get(pk=user.pk)
    look_again(user=person)
    look_again_at_login(user=person)
