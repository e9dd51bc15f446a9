"""What a way of sending text messages must do.

docs/how-to/sms-providers.md shows how to add one. Whatever a gateway raises or logs must hold
neither the text, nor the phone, nor its own credentials: short reason codes only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from accounts.phone.states import SmsState

# Six digits in a row may be the code, or part of the phone.
_REASON = re.compile(r"(?!.*[0-9]{6})[A-Za-z0-9_.:-]{1,40}")
_REFERENCE = re.compile(r"[A-Za-z0-9_.^:-]{1,100}")


@dataclass(frozen=True)
class Sms:
    """One text on its way. `idempotency_key` is the same when it is tried again: a provider
    that has seen it must not send twice. `message`, `language` ("zh" | "en") and `params` are the
    same text for providers that keep templates. `deadline_seconds` ends before the code does."""

    phone: str = field(repr=False)
    text: str = field(repr=False)
    idempotency_key: str
    message: str = ""
    language: str = "zh"
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    deadline_seconds: float = 8.0
    valid_seconds: int = 300


@dataclass(frozen=True)
class Handed:
    """The provider has it. `is_delivered` when it already knows that the phone has it, too."""

    reference: str = ""
    is_delivered: bool = False


@dataclass(frozen=True)
class Question:
    """A message whose fate we ask for: by the provider's `reference`, or by our key alone when
    the answer to sending it was lost."""

    phone: str = field(repr=False)
    reference: str
    idempotency_key: str
    sent_at: datetime
    deadline_seconds: float = 5.0


@dataclass(frozen=True)
class Receipt:
    """What a provider says became of a message: HANDED, DELIVERED or FAILED. It names the message
    by its own `reference`, by our key, or both."""

    state: SmsState
    reference: str = ""
    idempotency_key: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Callback:
    """A request that claims to come from a provider. `path` begins with "/", query included."""

    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class GatewayError(Exception):
    """The provider did not take it.

    `is_final`: it never will take this message; the provider itself is well. `may_be_sent`: it
    may have taken it all the same, the answer was lost or makes no sense.
    """

    def __init__(self, reason: str, *, is_final: bool = False, may_be_sent: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.may_be_sent = may_be_sent


class NotAskedError(GatewayError):
    """This provider cannot send this message, and was not even asked: no word on its health."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, is_final=True)


class UnauthenticError(Exception):
    """A callback that the provider did not make."""


class Gateway(Protocol):
    """A provider. A class may also say `honours_keys = True`: it sends one message once,
    however often it is asked with the same key; and `is_for_trial = True`: it reaches no phone."""

    def send(self, sms: Sms) -> Handed:
        """Hand one message over before `sms.deadline_seconds` are over, or raise
        `GatewayError`. Any other exception counts as "may have been sent"."""
        ...


@runtime_checkable
class TellsFate(Protocol):
    """A gateway that can be asked what became of a message."""

    def look_up(self, question: Question) -> Receipt | None:
        """What the provider knows; None when nothing yet. Raises `GatewayError`."""
        ...


@runtime_checkable
class TakesReceipts(Protocol):
    """A gateway whose provider calls back."""

    # What the provider wants to hear, as JSON; None for an empty answer.
    thanks: dict[str, object] | None

    def read_receipts(self, callback: Callback) -> Sequence[Receipt]:
        """The receipts in a callback. Raises `UnauthenticError`, and ValueError for nonsense."""
        ...


def reason_code(said: object) -> str:
    """A provider's own error code, if it is one; never its prose, which may quote the message."""
    text = str(said).replace(" ", "-")
    return text if _REASON.fullmatch(text) else "unnamed"


def is_reference(said: object) -> bool:
    """Whether a provider's answer names a message as a name should look."""
    return isinstance(said, str) and bool(_REFERENCE.fullmatch(said))
