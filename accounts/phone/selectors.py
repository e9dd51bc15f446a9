"""Reading what became of a code."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.phone.binding import session_hash
from accounts.phone.health import are_all_down
from accounts.phone.limits import most_per_hour, next_code_at, sent_this_hour
from accounts.phone.models import Challenge, DemoMessage, SmsCode
from accounts.phone.states import SmsState
from accounts.users.models import User

_INBOX = 30


@dataclass(frozen=True)
class TimelineStep:
    """One step of a delivery. `state`: "done" | "now" | "bad" | "todo"."""

    label: str | Promise
    at: datetime | None
    state: str


@dataclass(frozen=True)
class CodeStatus:
    """What the code page says beside the field."""

    timeline: list[TimelineStep]
    sent_this_hour: int
    most_per_hour: int
    next_code_at: datetime | None
    expires_at: datetime | None
    is_alive: bool
    # No provider takes messages: asking again would change nothing.
    is_down: bool

    @property
    def resend_in_seconds(self) -> int:
        """Seconds until the next code may be asked for; 0 for now."""
        if self.next_code_at is None:
            return 0
        return max(0, math.ceil((self.next_code_at - timezone.now()).total_seconds()))

    @property
    def is_demo(self) -> bool:
        """Whether there is an inbox that shows the message."""
        return bool(settings.DEMO_MODE)

    @property
    def is_soon(self) -> bool:
        """Whether a countdown is worth watching, or a time of day says more."""
        return self.resend_in_seconds <= 120


def get_challenge(public_id: UUID, session_key: str) -> Challenge:
    """The challenge, if this browser session asked for it; else `Challenge.DoesNotExist`."""
    return Challenge.objects.get(public_id=public_id, session_hash=session_hash(session_key))


def find_challenge(public_id: UUID | None, session_key: str) -> Challenge | None:
    """The same, or None."""
    if public_id is None:
        return None
    return Challenge.objects.filter(
        public_id=public_id, session_hash=session_hash(session_key)
    ).first()


def newest_code(challenge: Challenge) -> SmsCode | None:
    """The only code of a challenge that counts."""
    return challenge.codes.order_by("-pk").first()


def code_status(challenge: Challenge) -> CodeStatus:
    """Everything the code page shows about the delivery."""
    code = newest_code(challenge)
    now = timezone.now()
    counted = {
        "phone": challenge.phone,
        "purpose": challenge.purpose,
        "asker": challenge.asker,
    }
    return CodeStatus(
        timeline=delivery_timeline(challenge),
        sent_this_hour=sent_this_hour(**counted),
        most_per_hour=most_per_hour(),
        next_code_at=next_code_at(**counted),
        expires_at=code.expires_at if code else None,
        is_alive=bool(code and code.expires_at > now and not challenge.consumed_at),
        is_down=bool(code and code.state != SmsState.DELIVERED and are_all_down()),
    )


def delivery_timeline(challenge: Challenge) -> list[TimelineStep]:
    """Asked, handed to the provider, delivered or failed: of the newest code."""
    code = newest_code(challenge)
    if code is None:
        return []
    asked = TimelineStep(_("You asked for a code"), code.created_at, "done")
    state = SmsState(code.state)
    if state == SmsState.DUE:
        is_first = not code.tries.filter(results__isnull=False).exists()
        label = _("Being sent") if is_first else _("The provider is slow; trying again")
        return [
            asked,
            TimelineStep(label, None, "now"),
            TimelineStep(_("Delivery to your phone"), None, "todo"),
        ]
    if state == SmsState.EXPIRED:
        gone = _("Could not be sent in time, so it was dropped. Please ask again")
        return [asked, TimelineStep(gone, code.ended_at, "bad")]
    if state == SmsState.UNSURE:
        label = _("The provider did not confirm it; the code may still come. Or ask again")
        return [asked, TimelineStep(label, code.ended_at, "bad")]
    if state == SmsState.FAILED:
        label = _("Not delivered. Please check the number, or ask again")
        handed = TimelineStep(_("Handed to the text message provider"), code.handed_at, "done")
        failed = TimelineStep(label, code.ended_at, "bad")
        return [asked, handed, failed] if code.handed_at else [asked, failed]
    handed = TimelineStep(_("Handed to the text message provider"), code.handed_at, "done")
    if state == SmsState.HANDED:
        waiting = TimelineStep(_("On its way to your phone"), None, "now")
        return [asked, handed, waiting]
    return [asked, handed, TimelineStep(_("Delivered to your phone"), code.ended_at, "done")]


def list_codes_for(user: User) -> list[SmsCode]:
    """The newest messages to a person's number, for support; they hold no readable code."""
    return list(SmsCode.objects.filter(phone=str(user.phone)).order_by("-created_at")[:_INBOX])


def list_codes_to(phone: str) -> list[SmsCode]:
    """The newest messages to a number (E.164) that is nobody's yet, for support."""
    return list(SmsCode.objects.filter(phone=phone).order_by("-created_at")[:_INBOX])


def list_demo_messages() -> list[DemoMessage]:
    """The demo inbox, newest first."""
    return list(DemoMessage.objects.all()[:_INBOX])
