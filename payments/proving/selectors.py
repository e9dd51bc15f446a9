"""Reading a person's rules, and the proof that waits in a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from accounts.users.models import User
from payments.proving.models import ProofRules, SecondProof

if TYPE_CHECKING:
    from accounts.security.models import UserSession


@dataclass(frozen=True, slots=True)
class Rules:
    """When a person wants a second proof; minor units, None for never."""

    from_minor: int | None = None
    new_payee_over_minor: int | None = None
    on_new_devices: bool = False

    @property
    def are_on(self) -> bool:
        """Whether anything is asked for at all."""
        return self != Rules()

    def lowers(self, now: Rules) -> bool:
        """Whether any of the three protects less than what holds now."""
        pairs = (
            (self.from_minor, now.from_minor),
            (self.new_payee_over_minor, now.new_payee_over_minor),
        )
        is_wider = any(
            before is not None and (after is None or after > before) for after, before in pairs
        )
        return is_wider or (now.on_new_devices and not self.on_new_devices)

    def stricter(self, other: Rules) -> Rules:
        """What protects most of both."""
        return Rules(
            _smaller(self.from_minor, other.from_minor),
            _smaller(self.new_payee_over_minor, other.new_payee_over_minor),
            on_new_devices=self.on_new_devices or other.on_new_devices,
        )


def _smaller(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def rules_of(user: User) -> Rules:
    """What the person set last."""
    row = ProofRules.objects.filter(user=user).order_by("-pk").first()
    if row is None:
        return Rules()
    return Rules(row.from_minor, row.new_payee_over_minor, row.on_new_devices)


def find_waiting(
    *, kind: str, public_id: UUID, digest: str, session: UserSession | None
) -> SecondProof | None:
    """The proof that this session has been asked for and has not used; also one that is over."""
    if session is None:
        return None
    return SecondProof.objects.filter(
        subject_kind=kind, subject_id=public_id, digest=digest, session=session, used_at=None
    ).first()
