"""Reading where a person stands with the payment password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts.identity.selectors import id_digits_to_avoid, personal_facts
from accounts.payment_password.hashing import has_key, key_id
from accounts.payment_password.models import (
    PaymentPassword,
    PaymentPasswordReset,
    UsedPaymentPassword,
)
from accounts.phone.binding import session_hash
from accounts.security.clock import capped
from accounts.users.models import User


@dataclass(frozen=True)
class State:
    """Whether there is one, whether it may be tried, and how often."""

    is_set: bool
    locked_until: datetime | None = None
    reset_only: bool = False
    tries_left: int = 0
    changed_at: datetime | None = None
    is_outgrown: bool = False
    # Only a reset helps, and not because of wrong tries: the key it lies under was dropped.
    is_key_gone: bool = False

    @property
    def is_locked(self) -> bool:
        """Whether even the right digits would be refused now."""
        return self.reset_only or self.locked_until is not None

    @property
    def is_old(self) -> bool:
        """Whether it is time for the gentle reminder; nobody is forced."""
        if self.changed_at is None:
            return False
        age = timedelta(days=settings.PAYMENT_PASSWORD["remind_after_days"])
        return timezone.now() - self.changed_at > age


@dataclass(frozen=True)
class UnderOlderKeys:
    """How many rows the newest key does not open; `lost` of those in use are opened by none."""

    current: int
    used_before: int
    lost: int


def count_under_older_keys() -> UnderOlderKeys:
    """Payment passwords sealed under another key than the newest; each turns over when its owner
    next types it right."""
    newest, *older = [key_id(key) for key in settings.PAYMENT_PASSWORD_KEYS if key]
    current = PaymentPassword.objects.exclude(key_id=newest)
    return UnderOlderKeys(
        current=current.count(),
        used_before=UsedPaymentPassword.objects.exclude(key_id=newest).count(),
        lost=current.exclude(key_id__in=older).count(),
    )


def payment_password_state(user: User) -> State:
    """Where the person stands now."""
    row = PaymentPassword.objects.filter(user=user).first()
    return state_of(row) if row else State(is_set=False)


def state_of(row: PaymentPassword) -> State:
    """The same, from a row at hand."""
    until = believed_until(row)
    is_key_gone = not has_key(row.key_id)
    return State(
        is_set=True,
        locked_until=until if until and until > timezone.now() else None,
        reset_only=row.is_reset_only or is_key_gone,
        tries_left=tries_left(row.wrong_in_row, row.wrong_since_success),
        changed_at=row.changed_at,
        is_outgrown=row.is_outgrown,
        is_key_gone=is_key_gone,
    )


def believed_until(row: PaymentPassword) -> datetime | None:
    """The end of its lock, but no lock is longer than its step of the ladder: one that is was
    written under a clock that ran ahead."""
    longest = max(settings.PAYMENT_PASSWORD["ladder"].values())
    return capped(row.locked_until, seconds=lock_seconds(row.wrong_in_row) or longest)


def tries_left(wrong_in_row: int, wrong_since_success: int) -> int:
    """Wrong tries until the next lock; never more than the last stop leaves."""
    ladder = settings.PAYMENT_PASSWORD["ladder"]
    to_next = next((step - wrong_in_row for step in sorted(ladder) if step > wrong_in_row), 1)
    to_stop = settings.PAYMENT_PASSWORD["reset_only_after"] - wrong_since_success
    return max(0, min(to_next, to_stop))


def lock_seconds(wrong_in_row: int) -> int:
    """How long the lock after this many wrong tries in a row lasts; 0 for none."""
    ladder = settings.PAYMENT_PASSWORD["ladder"]
    reached = [step for step in ladder if step <= wrong_in_row]
    return ladder[max(reached)] if reached else 0


def digits_to_avoid(user: User) -> list[str]:
    """Six digits that anybody who knows the person would try."""
    facts = personal_facts(user)
    return avoid_list(phone=str(user.phone), id_number=facts[1] if facts else "")


def avoid_list(*, phone: str, id_number: str) -> list[str]:
    """The same for somebody who has no row yet; `id_number` may be empty."""
    digits = "".join(char for char in phone if char.isdigit())
    return [digits[-6:], *(id_digits_to_avoid(id_number) if id_number else [])]


def find_reset(user: User, session_key: str) -> PaymentPasswordReset | None:
    """The reset this person is walking through in this browser, if it has not run out."""
    return (
        PaymentPasswordReset.objects.filter(
            user=user,
            session_hash=session_hash(session_key),
            used_at=None,
            expires_at__gt=timezone.now(),
        )
        .order_by("-pk")
        .first()
    )
