"""Granting what two people decided. Joins the transaction of their decision."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.changes.services import note_change
from accounts.identity.selectors import assurance_level, id_digits_match
from accounts.identity.services import raise_assurance
from accounts.security import throttle
from accounts.users.models import User
from payments.granting.errors import (
    ClassTwoFirst,
    DigitsDiffer,
    HasClassOne,
    NotThisWallet,
    TimeIsOver,
)
from payments.wallets.models import LimitOverride, Wallet
from payments.wallets.own_limits import Wishes
from payments.wallets.services import lock_wallet, match_wallet_class

OVERRIDDEN, CLASS_ONE = "wallet.limits_overridden", "wallet.class_one"


def override_limits(
    *, wallet: Wallet, wishes: Wishes, until: datetime, reason: str, maker: User, checker: User
) -> LimitOverride:
    """Give a wallet other limits than its class's until then; the newest override holds.

    Minor units and a count; None leaves that one to the class, so three Nones end an override. The
    owner's own limits and a time of caution still narrow them. The customer is told everywhere.
    Raises `NotThisWallet` for a closed wallet and `TimeIsOver`.
    """
    if until <= timezone.now():
        raise TimeIsOver
    with transaction.atomic():
        locked = lock_wallet(wallet.pk)
        if locked.is_closed:
            raise NotThisWallet
        written = LimitOverride.objects.create(
            wallet=locked,
            single_minor=wishes.single,
            day_minor=wishes.day,
            day_count=wishes.day_count,
            until=until,
            reason=reason[:200],
            maker=maker,
            checker=checker,
        )
        locked.overridden_until = until
        locked.save(update_fields=["overridden_until"])
        note_change(
            user=locked.owner, kind=OVERRIDDEN, actor=checker, details={"reason": reason[:200]}
        )
    return written


def require_ready_for_class_one(wallet: Wallet) -> None:
    """Raise `NotThisWallet`, `HasClassOne` or `ClassTwoFirst` unless class I is the next step."""
    if wallet.is_closed or wallet.kind != Wallet.Kind.PERSONAL:
        raise NotThisWallet
    level = assurance_level(wallet.owner)
    if level == "in_person":
        raise HasClassOne
    if level != "card":
        raise ClassTwoFirst


def check_document(*, wallet: Wallet, digits: str) -> None:
    """Compare the end of the ID number on the document with the one on record.

    Answers yes or no, a few times a day for one customer over all staff, and counted before it is
    looked at. Raises `DigitsDiffer`, `TooManyRequests`. Call it outside any transaction.
    """
    throttle.hit(action="support.id", customer=str(wallet.owner.public_id))
    if len(digits) != 6 or not id_digits_match(wallet.owner, digits):
        raise DigitsDiffer


def grant_class_one(*, wallet: Wallet, reason: str, checker: User) -> Wallet:
    """The owner was seen in person by two of the staff: class I. Raises what
    `require_ready_for_class_one` does."""
    with transaction.atomic():
        locked = lock_wallet(wallet.pk)
        require_ready_for_class_one(locked)
        raise_assurance(user=locked.owner, level="in_person", reason=reason, actor=checker)
        raised = match_wallet_class(user=locked.owner)
        assert raised is not None
        note_change(user=locked.owner, kind=CLASS_ONE, actor=checker)
    return raised
