"""The short form: every fault once, on a tree of the database that this run is about.

What has nothing to do with the database is tried on SQLite only; `make faults` tries it on both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.rounds import Trial
from tests.faults.wounds import list_wounds

pytestmark = pytest.mark.waits

ON_SQLITE_ONLY = {
    "black_hole_for_customers", "clock_two_hours_on", "cut_the_customers", "freeze_the_web_server",
    "freeze_the_worker", "swallow_the_answers",
}  # fmt: skip
KIND = os.environ.get("WALLET_TEST_DATABASE", "sqlite")


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    trial = Trial(KIND, seed=1)
    yield trial
    trial.close()


def faults() -> list[str]:
    every = set(list_wounds(KIND))
    assert every >= ON_SQLITE_ONLY
    return sorted(every if KIND == "sqlite" else every - ON_SQLITE_ONLY)


@pytest.mark.parametrize("fault", faults())
def test_nothing_is_lost_and_nothing_twice(trial: Trial, fault: str) -> None:
    trial.run(fault)


def test_in_the_end_everything_has_one_end(trial: Trial) -> None:
    trial.settle()
    said = trial.traffic.tally()
    # Faults nobody was hit by would prove nothing.
    assert said["done"] > 50, said
    assert trial.tally.unanswered > 5
