"""make test: the whole suite on SQLite, then on PostgreSQL; nothing is skipped.

Two parts for each database: what may run in parallel, on two processes; then what starts whole
servers or measures time, alone. A skipped test is a failure here. The last line is the sum.
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
    "in parallel": (["-n", "2", "--dist", "loadscope"], "not serial"),
    "alone": ([], "serial"),
}
# Tests that do not touch the database run with the first one only.
DATABASES = {"sqlite": "", "postgresql": " and not once"}
_NO_TESTS = 5


def main() -> int:
    """Run everything; 0 when all passed and none was skipped."""
    began = time.monotonic()
    print("What the tests need:", flush=True)
    prepare()
    subprocess.run([sys.executable, "manage.py", "compile_translations"], cwd=ROOT, check=True)
    tally: Counter[str] = Counter()
    bad_codes = 0
    for database, but in DATABASES.items():
        for part, (flags, which) in PARTS.items():
            print(f"\n== {database}, {part}", flush=True)
            code, counts = _run(database, [*flags, "-m", which + but, *sys.argv[1:]])
            tally += counts
            bad_codes += code not in {0, _NO_TESTS}
    failed = tally["failures"] + tally["errors"]
    passed = tally["tests"] - failed - tally["skipped"]
    skipped = tally["skipped"]
    if skipped:
        print(f"\n{skipped} test(s) were skipped: a test that cannot run here is a failure.")
    seconds = time.monotonic() - began
    is_good = not failed and not skipped and not bad_codes and passed > 0
    # A run that broke without naming a test still counts as one failure.
    failed = failed + skipped or int(not is_good)
    print(f"\nBoth databases, all parts, in {seconds:.0f} s:", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if is_good else 1


def _run(database: str, flags: list[str]) -> tuple[int, Counter[str]]:
    with tempfile.TemporaryDirectory(prefix="wallet-report-") as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *flags],
            cwd=ROOT,
            env={**os.environ, "WALLET_TEST_DATABASE": database},
            check=False,
        )
        counts: Counter[str] = Counter()
        if report.exists():
            for suite in ElementTree.parse(report).getroot().iter("testsuite"):
                for name in ("tests", "failures", "errors", "skipped"):
                    counts[name] += int(suite.get(name, 0))
    return done.returncode, counts


if __name__ == "__main__":
    sys.exit(main())
