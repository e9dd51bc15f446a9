"""Two-phase movements: reserve first, then capture, void or let expire."""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils import timezone

from ledger import errors
from ledger.engine import current_engine
from ledger.models import Hold, HoldResolution
from ledger.models.hold import HoldOutcome
from ledger.selectors import get_entry
from ledger.values import KEY_LENGTH, Entry, check_amount, check_text, digest_of

logger = logging.getLogger(__name__)


def place_hold(
    *, key: str, debit: int, credit: int, amount_minor: int, expires_at: datetime
) -> Hold:
    """Reserve `amount_minor` of the debit account for the credit account until `expires_at`.

    Idempotent by `key`, as post_entry. The debit account cannot spend it and a capped credit
    account keeps room for it, so that a capture in time cannot fail.
    Raises InsufficientFunds, BalanceCapExceeded, AccountClosed, AccountMissing, EntryConflict,
    BadPosting.
    """
    check_text(key, name="key", most=KEY_LENGTH)
    check_amount(amount_minor)
    if debit == credit:
        raise errors.BadPosting("a hold is between two different accounts")
    if timezone.is_naive(expires_at):
        raise errors.BadPosting("expires_at must know its time zone")
    digest = digest_of(debit, credit, amount_minor, expires_at.timestamp())
    return current_engine().place_hold(
        Hold(
            key=key,
            input_digest=digest,
            debit_account_id=debit,
            credit_account_id=credit,
            amount_minor=amount_minor,
            expires_at=expires_at,
            created_at=timezone.now(),
        )
    )


def capture_hold(*, hold_id: int, key: str, amount_minor: int | None = None) -> Entry:
    """Book the held amount, or a part of it (`amount_minor`); the rest is released.

    Idempotent by `key`, which is also the key of the entry.
    Raises HoldMissing, HoldNotOpen, CaptureTooLarge, EntryConflict, BadPosting.
    """
    check_text(key, name="key", most=KEY_LENGTH)
    hold = _hold(hold_id)
    captured_minor = hold.amount_minor if amount_minor is None else amount_minor
    check_amount(captured_minor)
    if captured_minor > hold.amount_minor:
        raise errors.CaptureTooLarge(hold_id)
    resolution = _resolve(hold, key=key, outcome=HoldOutcome.CAPTURED, captured=captured_minor)
    if resolution.entry_id is None:
        raise AssertionError("a captured hold names its entry")
    return get_entry(resolution.entry_id, is_replay=resolution.is_replay)


def void_hold(*, hold_id: int, key: str) -> HoldResolution:
    """Release a hold. Idempotent by `key`. Raises HoldMissing, HoldNotOpen, EntryConflict."""
    check_text(key, name="key", most=KEY_LENGTH)
    return _resolve(_hold(hold_id), key=key, outcome=HoldOutcome.VOIDED, captured=0)


def expire_holds(*, most: int = 500) -> int:
    """Release up to `most` holds whose time has passed; how many there were. For the beat. One that
    cannot be released stops none behind it."""
    due = Hold.objects.filter(resolution__isnull=True, expires_at__lte=timezone.now())
    count = 0
    for hold in due.order_by("expires_at", "pk")[:most]:
        try:
            _resolve(hold, key=f"hold-expired:{hold.pk}", outcome=HoldOutcome.EXPIRED, captured=0)
        except errors.HoldNotOpen:
            continue  # captured or voided since we looked: its end stands
        except Exception:
            logger.exception("hold %s could not be released", hold.pk)
            continue
        count += 1
    return count


def _hold(hold_id: int) -> Hold:
    hold = Hold.objects.filter(pk=hold_id).first()
    if hold is None:
        raise errors.HoldMissing(hold_id)
    return hold


def _resolve(hold: Hold, *, key: str, outcome: HoldOutcome, captured: int) -> HoldResolution:
    return current_engine().resolve_hold(
        hold,
        HoldResolution(
            hold=hold,
            key=key,
            outcome=outcome,
            captured_minor=captured,
            created_at=timezone.now(),
        ),
    )
