"""`python -m tests.faults` (make faults N=500): that many faults, half on each database."""

from __future__ import annotations

import os
import random
import sys
import time

from tests.faults.rounds import Trial, longest


def main() -> int:
    """Run, and print the counts; 1 at the first thing that does not hold."""
    wanted = int(os.environ.get("N") or 50)
    seed = int(os.environ.get("SEED") or random.randrange(10**6))
    print(f"{wanted} faults, SEED={seed}", flush=True)
    for kind, rounds in (("sqlite", wanted // 2), ("postgresql", wanted - wanted // 2)):
        _run(kind, rounds, seed)
    return 0


def _run(kind: str, rounds: int, seed: int) -> None:
    began = time.monotonic()
    trial = Trial(kind, seed)
    chance = random.Random(f"{seed}:{kind}")
    try:
        for number in range(rounds):
            fault = chance.choice(sorted(trial.wounds))
            print(f"  {kind} {number + 1}/{rounds}: {fault}", flush=True)
            trial.run(fault)
        trial.settle()
    finally:
        trial.close()
    print(f"\n{kind}: {rounds} faults in {time.monotonic() - began:.0f} s")
    for name, count in sorted(trial.tally.rounds.items()):
        print(f"  {count:5}  {name}")
    for what, count in sorted(trial.traffic.tally().items()):
        print(f"  {count:5}  payments of which the site said: {what}")
    print(f"  {trial.tally.unanswered:5}  not answered at first, asked again and answered")
    print(f"  longest until healthy: {longest(trial.tally.healthy_after)}")
    print(f"  longest until a new top-up arrived: {longest(trial.tally.arrived_after)}")
    print("  lost: 0, twice: 0, books proven after each", flush=True)


if __name__ == "__main__":
    sys.exit(main())
