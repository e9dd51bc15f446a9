"""make test: the whole suite on SQLite, then on PostgreSQL; nothing is skipped.

Two parts for each database: what may run in parallel, on two processes; then what starts whole
servers or measures time, alone. Last, on both databases at the same time, what waits far more than
it works. A skipped test is a failure here. The last line is the sum.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from tests.prepare import prepare

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "in parallel": (["-n", "2", "--dist", "loadscope"], "not serial and not waits"),
    "alone": ([], "serial"),
}
WAITS = "waits"
# What is the same whatever the database is runs with the first one only.
DATABASES = {"sqlite": "", "postgresql": " and not once"}
_NO_TESTS = 5


class Run:
    """One run of pytest, begun at once; what it writes is shown live or kept for later."""

    def __init__(self, database: str, flags: list[str], *, is_live: bool) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="wallet-report-")
        self._report = Path(self._folder.name) / "report.xml"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", f"--junitxml={self._report}", *flags],
            cwd=ROOT,
            env={**os.environ, "WALLET_TEST_DATABASE": database},
            stdout=None if is_live else subprocess.PIPE,
        )

    def finish(self) -> tuple[bool, Counter[str]]:
        """Whether it went well, and how many of what."""
        said, _nothing = self._process.communicate()
        sys.stdout.write((said or b"").decode(errors="replace"))
        counts: Counter[str] = Counter()
        if self._report.exists():
            for suite in ElementTree.parse(self._report).getroot().iter("testsuite"):
                for name in ("tests", "failures", "errors", "skipped"):
                    counts[name] += int(suite.get(name, 0))
        self._folder.cleanup()
        return self._process.returncode in {0, _NO_TESTS}, counts


def main() -> int:
    """Run everything; 0 when all passed and none was skipped."""
    began = time.monotonic()
    print("What the tests need:", flush=True)
    prepare()
    subprocess.run([sys.executable, "manage.py", "compile_translations"], cwd=ROOT, check=True)
    ends = []
    for database, but in DATABASES.items():
        for part, (flags, which) in PARTS.items():
            print(f"\n== {database}, {part}", flush=True)
            flags = [*flags, "-m", which + but, *sys.argv[1:]]
            ends.append(Run(database, flags, is_live=True).finish())
    waiting = {
        database: Run(database, ["-m", WAITS + but, *sys.argv[1:]], is_live=False)
        for database, but in DATABASES.items()
    }
    for database, run in waiting.items():
        print(f"\n== {database}, beside the other", flush=True)
        ends.append(run.finish())
    return _sum_up(ends, time.monotonic() - began)


def _sum_up(ends: list[tuple[bool, Counter[str]]], seconds: float) -> int:
    tally = sum((counts for _went_well, counts in ends), Counter[str]())
    failed = tally["failures"] + tally["errors"]
    skipped = tally["skipped"]
    passed = tally["tests"] - failed - skipped
    if skipped:
        print(f"\n{skipped} test(s) were skipped: a test that cannot run here is a failure.")
    is_good = not failed and not skipped and all(went_well for went_well, _ in ends) and passed > 0
    # A run that broke without naming a test still counts as one failure.
    failed = failed + skipped or int(not is_good)
    print(f"\nBoth databases, all parts, in {seconds:.0f} s:", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
