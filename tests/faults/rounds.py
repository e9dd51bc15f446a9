"""One fault after another on a living tree, and the proof after each."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.inside import FUNDS_MINOR
from tests.faults.traffic import Customer, Said, Traffic
from tests.faults.tree import HEALTHY_SECONDS, Tree, wait_for
from tests.faults.wounds import list_wounds

CUSTOMERS = 10
# Long enough for a sweep to find an order whose wake-up was lost.
ARRIVES_SECONDS = 30
# What the sandbox bank does is chosen by the last two digits; this one needs a sweep to ask again.
_SETTLES_AT_ONCE, _ANSWER_LOST = 1_00, 1_68
_SWEEPS_ARE_HIT = ("worker", "beat", "clock", "redis", "everything")


@dataclass
class Tally:
    """What a run has seen."""

    rounds: Counter[str] = field(default_factory=Counter)
    healthy_after: list[float] = field(default_factory=list)
    arrived_after: list[float] = field(default_factory=list)
    unanswered: int = 0


class Trial:
    """A tree, its customers, and everything ever said to them."""

    def __init__(self, kind: str, seed: int) -> None:
        self.tree = Tree(kind)
        self.seed = seed
        self.tally = Tally()
        people = self.tree.ask("people", str(CUSTOMERS + 1))
        self.traffic = Traffic(people[1:], self.tree.port, seed)
        self.probe = Customer(**people[0], port=self.tree.port)
        self.wounds = list_wounds(kind)

    def close(self) -> None:
        """End the tree."""
        self.tree.close()

    def run(self, name: str) -> None:
        """Hurt the tree once, at a moment of its own under load, and prove what must hold."""
        number = sum(self.tally.rounds.values())
        chance = random.Random(f"{self.seed}:{number}")
        self.traffic.start()
        time.sleep(chance.uniform(0.3, 1.2))
        try:
            self.wounds[name](self.tree, chance)
            time.sleep(chance.uniform(0, 0.5))
        finally:
            self.traffic.stop()
        self.tally.healthy_after.append(self.tree.wait_until_healthy())
        self.tally.unanswered += self.traffic.tally()[Said.NOTHING.value]
        self.traffic.ask_again()
        is_about_sweeps = any(word in name for word in _SWEEPS_ARE_HIT)
        self._require_that_the_worker_works(_ANSWER_LOST if is_about_sweeps else _SETTLES_AT_ONCE)
        self.prove()
        self.tally.rounds[name] += 1

    def prove(self) -> dict[str, Any]:
        """What was confirmed is there once, what was refused is not, and the books are right."""
        truth: dict[str, Any] = self.tree.ask("truth")
        assert truth["problems"] == [], truth["problems"]
        assert truth["booked_for_nobody"] == []
        for customer in (*self.traffic.customers, self.probe):
            for wish in customer.wishes:
                if wish.payment:
                    _require_kept(customer, wish.said, truth["payments"][wish.public_id])
        self._require_nothing_else(truth)
        self._require_balances(truth)
        return truth

    def settle(self) -> None:
        """Wait until nothing is on its way any more; then everything has one end."""
        waiting = [
            (customer, wish)
            for customer in (*self.traffic.customers, self.probe)
            for wish in customer.wishes
            if wish.said is Said.ON_ITS_WAY
        ]
        for customer, wish in waiting:
            has_ended = wait_for(60, lambda c=customer, w=wish: _has_ended(c, w))  # type: ignore[misc]
            assert has_ended, f"{wish}: {self.tree.ask('order', wish.public_id)}"
            wish.said = customer.look(wish)
        truth = self.prove()
        states = Counter(payment["state"] for payment in truth["payments"].values())
        assert not states["processing"], states

    def _require_that_the_worker_works(self, amount_minor: int) -> None:
        began = time.monotonic()
        wish = self.probe.top_up(amount_minor)
        assert wish.said in {Said.ON_ITS_WAY, Said.DONE}, wish
        assert wait_for(ARRIVES_SECONDS, lambda: _has_ended(self.probe, wish)), (
            f"a top-up hangs:\n{self.tree.log_ends()}"
        )
        wish.said = self.probe.look(wish)
        assert wish.said is Said.DONE
        self.tally.arrived_after.append(time.monotonic() - began)

    def _require_nothing_else(self, truth: dict[str, Any]) -> None:
        """No payment went through that nobody was told of."""
        told = {
            wish.public_id
            for customer in (*self.traffic.customers, self.probe)
            for wish in customer.wishes
        }
        moved = {
            public_id
            for public_id, payment in truth["payments"].items()
            if payment["state"] in {"processing", "succeeded"}
        }
        assert moved <= told, moved - told

    def _require_balances(self, truth: dict[str, Any]) -> None:
        """Every balance is what was put in, and what went in and out, and nothing else."""
        expected = {customer.phone: FUNDS_MINOR for customer in self.traffic.customers}
        expected[self.probe.phone] = FUNDS_MINOR
        for payment in truth["payments"].values():
            if payment["state"] == "succeeded":
                for side, sign in (("payer", -1), ("payee", 1)):
                    if payment[side] in expected:
                        expected[payment[side]] += sign * payment["amount"]
        posted = {phone: truth["balances"][phone][0] for phone in expected}
        assert posted == expected
        assert all(available >= 0 for _posted, available in truth["balances"].values())


def _require_kept(customer: Customer, said: Said, payment: dict[str, Any]) -> None:
    """What the site said to somebody is what it has on record."""
    state, booked = payment["state"], payment["booked"]
    about = (customer.phone, said, payment)
    assert booked == (state == "succeeded"), about
    if said is Said.DONE:
        assert state == "succeeded", about
    elif said is Said.ON_ITS_WAY:
        assert state in {"processing", "succeeded", "failed"}, about
    elif said is Said.REFUSED:
        assert state not in {"processing", "succeeded"}, about


def _has_ended(customer: Customer, wish: Any) -> bool:
    return customer.look(wish) is not Said.ON_ITS_WAY


def longest(seconds: list[float]) -> str:
    """The longest of some waits beside what is allowed."""
    return f"{max(seconds, default=0):.1f} s of {HEALTHY_SECONDS} allowed"
