"""Looking at both passwords again when more is known of a person than when they chose them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.identity.passwords import look_again_at_login
from accounts.payment_password.models import PaymentPassword
from accounts.payment_password.services import look_again
from accounts.security.sweeping import do_each, each_due
from accounts.users.models import User


def request_look_again(*, user: User) -> None:
    """What is known of the person changes, by a new phone number or by a name and an ID number:
    look at both passwords again, once the caller's transaction is committed.

    Written down in it, before anything that others wait for: a process that dies in between costs
    nothing but time, the sweep finds the row (`look_again_due`).
    """
    PaymentPassword.objects.filter(user=user).update(look_again_at=timezone.now())
    transaction.on_commit(lambda: look_at_passwords_again(user=user), robust=True)


def look_at_passwords_again(*, user: User) -> None:
    """Remember of each password whether it would be refused now. Hashes: call it when everything
    is committed."""
    # Of a row that was read before the change, the old facts would be tried.
    person = User.objects.get(pk=user.pk)
    look_again_at_login(user=person)
    look_again(user=person)


def look_again_due() -> int:
    """The sweep: look at what nobody has looked at again yet; how many."""
    due = PaymentPassword.objects.filter(look_again_at__isnull=False)

    def look(pk: int) -> int:
        row = due.select_related("user").filter(pk=pk).first()
        if row is not None:
            look_at_passwords_again(user=row.user)
        return 0 if row is None else 1

    return do_each(each_due(due, by="look_again_at"), look, what="payment password")
