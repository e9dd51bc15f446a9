"""Whatever providers do, the choice among them keeps its promises."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from accounts.phone.gateways.base import Handed, Sms
from accounts.phone.gateways.providers import Provider
from accounts.phone.routing import MOST_ATTEMPTS, End, Rest, Tried, Use, choose
from accounts.phone.states import SmsOutcome, SmsState

_TROUBLES = [SmsOutcome.REFUSED, SmsOutcome.UNAVAILABLE, SmsOutcome.UNSURE]
_TONIGHT = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


class _Gateway:
    def __init__(self, *, honours_keys: bool) -> None:
        self.honours_keys = honours_keys

    def send(self, sms: Sms) -> Handed:
        """Nobody sends here."""
        raise NotImplementedError


def _providers(honours: list[bool]) -> list[Provider]:
    return [
        Provider(f"p{number}", _Gateway(honours_keys=each)) for number, each in enumerate(honours)
    ]


def _walk(providers: list[Provider], outcomes: list[SmsOutcome]) -> tuple[list[Tried], End]:
    """Try until the end, each attempt coming to grief in the next way."""
    history: list[Tried] = []
    for outcome in outcomes:
        step = choose(providers, history, {})
        if isinstance(step, End):
            return history, step
        assert isinstance(step, Use)
        history.append(Tried(step.provider.name, outcome))
    step = choose(providers, history, {})
    assert isinstance(step, End)
    return history, step


@given(
    honours=st.lists(st.booleans(), min_size=1, max_size=4),
    outcomes=st.lists(st.sampled_from(_TROUBLES), min_size=MOST_ATTEMPTS, max_size=MOST_ATTEMPTS),
)
def test_it_ends_with_two_copies_at_most_and_says_what_is_true(
    honours: list[bool], outcomes: list[SmsOutcome]
) -> None:
    providers = _providers(honours)
    history, end = _walk(providers, outcomes)
    keyed = {each.name for each in providers if each.honours_keys}
    unsure = [each.provider for each in history if each.outcome == SmsOutcome.UNSURE]
    copies = len([name for name in unsure if name not in keyed]) + len(keyed & set(unsure))
    assert copies <= 2
    assert (end.state == SmsState.UNSURE) is (copies > 0)
    for number, tried in enumerate(history):
        earlier = history[:number]
        assert Tried(tried.provider, SmsOutcome.REFUSED) not in earlier


@given(honours=st.lists(st.booleans(), min_size=2, max_size=4))
def test_everybody_is_tried_before_anybody_is_tried_again(honours: list[bool]) -> None:
    providers = _providers(honours)
    history, _end = _walk(providers, [SmsOutcome.UNAVAILABLE] * MOST_ATTEMPTS)
    first = [tried.provider for tried in history[: len(providers)]]
    assert first == [each.name for each in providers]


def test_when_all_rest_it_waits_for_the_first_to_wake() -> None:
    providers = _providers([False, False])
    resting = {"p0": _TONIGHT, "p1": _TONIGHT.replace(hour=19)}
    assert choose(providers, [], resting) == Rest(_TONIGHT.replace(hour=19))
    awake = choose(providers, [], {"p0": _TONIGHT})
    assert isinstance(awake, Use)
    assert awake.provider.name == "p1"
