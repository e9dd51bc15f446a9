"""Which provider next? One message, one decision, no side effects.

A provider that surely did not take the message costs nothing: the next one gets it at once. One
that gave no answer may have sent it. With our key again it may be asked again where it honours
keys; another provider may send a second copy. A third copy is never risked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.phone.gateways.providers import Provider
from accounts.phone.states import SmsOutcome, SmsState

MOST_ATTEMPTS = 6
_MOST_COPIES = 2
_TRIES_WITH_THE_KEY = 2


@dataclass(frozen=True)
class Tried:
    """A provider that had the message, and what came of it."""

    provider: str
    outcome: SmsOutcome


@dataclass(frozen=True)
class Use:
    """Hand it to this provider. `is_fresh`: at once, for there is no reason to wait."""

    provider: Provider
    is_fresh: bool


@dataclass(frozen=True)
class Rest:
    """Nobody can be tried before then."""

    until: datetime


@dataclass(frozen=True)
class End:
    """No more attempts."""

    state: SmsState


def choose(
    providers: Sequence[Provider], history: Sequence[Tried], resting: Mapping[str, datetime]
) -> Use | Rest | End:
    """The next step of a message that was tried as `history` says, oldest first."""
    allowed = [each for each in providers if _may_try(each, history, providers)]
    if not allowed or len(history) >= MOST_ATTEMPTS:
        return End(_end_of(history))
    awake = [each for each in allowed if each.name not in resting]
    if not awake:
        return Rest(min(resting[each.name] for each in allowed))
    again = _with_the_same_key(awake, history)
    if again is not None:
        return Use(again, is_fresh=True)
    # min() keeps the order of the setting among equals.
    chosen = min(awake, key=lambda each: _times(each, history))
    return Use(chosen, is_fresh=_times(chosen, history) == 0)


def _end_of(history: Sequence[Tried]) -> SmsState:
    is_unsure = any(tried.outcome == SmsOutcome.UNSURE for tried in history)
    return SmsState.UNSURE if is_unsure else SmsState.FAILED


def _may_try(provider: Provider, history: Sequence[Tried], providers: Sequence[Provider]) -> bool:
    own = [tried.outcome for tried in history if tried.provider == provider.name]
    if SmsOutcome.REFUSED in own:
        return False
    if provider.honours_keys and SmsOutcome.UNSURE in own:
        return True
    return _copies(history, providers) < _MOST_COPIES


def _copies(history: Sequence[Tried], providers: Sequence[Provider]) -> int:
    """How many copies may be on their way."""
    unsure = [each.provider for each in history if each.outcome == SmsOutcome.UNSURE]
    once = {each.name for each in providers if each.honours_keys}
    return len([name for name in unsure if name not in once]) + len(once.intersection(unsure))


def _with_the_same_key(awake: Sequence[Provider], history: Sequence[Tried]) -> Provider | None:
    """The provider that just gave no answer, if asking again cannot make it send twice."""
    if not history or history[-1].outcome != SmsOutcome.UNSURE:
        return None
    for each in awake:
        is_it = each.honours_keys and each.name == history[-1].provider
        if is_it and _times(each, history) < _TRIES_WITH_THE_KEY:
            return each
    return None


def _times(provider: Provider, history: Sequence[Tried]) -> int:
    return sum(tried.provider == provider.name for tried in history)
