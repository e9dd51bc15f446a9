"""The result: a few ratios, each with its aim and what was divided by what."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tests.bench.peer import HordakResult

AIM_OF_PGBENCH = 0.6
AIM_OF_HORDAK = 3.0
AIM_OF_UNIFORM = 0.9
AIM_BATCH_POSTINGS = 30_000


class Table:
    """Collects lines and prints them once, at the end."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str, str]] = []
        self._service: dict[int, float] = {}
        self._notes: list[str] = []

    def note_service(
        self, writers: int, service: Sequence[float], pgbench: Sequence[float]
    ) -> None:
        """post_entry through Django beside pgbench writing the same rows in one call."""
        self._service[writers] = median(service)
        self._compare(
            f"post_entry / pgbench, {writers} writer(s)", service, pgbench, AIM_OF_PGBENCH
        )

    def note_hot(self, hot: Sequence[float], uniform: Sequence[float]) -> None:
        """Everybody pays one merchant, beside everybody pays anybody."""
        self._compare("hot payee / uniform, 8 writers", hot, uniform, AIM_OF_UNIFORM)

    def note_batches(self, postings: float) -> None:
        """post_entries, postings a second."""
        self._add(
            "post_entries / 30,000 postings/s",
            postings / AIM_BATCH_POSTINGS,
            1.0,
            f"{postings:,.0f} postings/s",
        )

    def note_hordak(self, hordak: HordakResult) -> None:
        """post_entry beside django-hordak's transfer_to."""
        if hordak.why_not:
            self._notes.append(f"django-hordak could not be measured: {hordak.why_not}")
        for writers, rate in hordak.rates.items():
            self._add(
                f"post_entry / django-hordak, {writers} writer(s)",
                self._service[writers] / rate,
                AIM_OF_HORDAK,
                f"{self._service[writers]:,.0f} / {rate:,.0f} transfers/s",
            )

    def note(self, line: str) -> None:
        """A line below the table."""
        self._notes.append(line)

    def show(self, *, seconds: float) -> None:
        """Print."""
        heads = ("measured", "ratio", "aim", "rates")
        rows = [heads, *self._rows]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for row in rows:
            cells = zip(row, widths, strict=True)
            print("  ".join(cell.ljust(width) for cell, width in cells).rstrip())
        for line in self._notes:
            print(line)
        print(f"command: python -m tests.bench   ({seconds:.0f} s, everything in one run)")

    def _compare(
        self, what: str, ours: Sequence[float], theirs: Sequence[float], aim: float
    ) -> None:
        """The median of the ratios of each round: both sides of a round met the same noise."""
        ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
        rates = f"{median(ours):,.0f} / {median(theirs):,.0f} transfers/s"
        self._add(what, ratio, aim, rates)

    def _add(self, what: str, ratio: float, aim: float, rates: str) -> None:
        verdict = "met" if ratio >= aim else "MISSED"
        self._rows.append((what, f"{ratio:.2f}", f"{aim:g} {verdict}", rates))
