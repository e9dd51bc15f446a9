"""make check: every check that needs no test run. `--fix` (make format) formats in place instead."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent


def main() -> int:
    """Run every check, even after one failed; 0 when all are content."""
    templates = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
    djade = ["djade", "--target-version", "5.2"]
    if "--fix" in sys.argv[1:]:
        subprocess.run([PROGRAMS / "ruff", "check", "--fix", "--quiet", "."], cwd=ROOT, check=False)
        subprocess.run([PROGRAMS / "ruff", "format", "."], cwd=ROOT, check=False)
        subprocess.run([PROGRAMS / djade[0], *djade[1:], *templates], cwd=ROOT, check=False)
        return 0
    checks = {
        "format of Python": ["ruff", "format", "--check", "--quiet", "."],
        "lint of Python": ["ruff", "check", "--quiet", "."],
        "security of Python": [
            "bandit", "-r", "accounts", "payments", "ledger", "walletsite", "-ll", "--quiet",
        ],
        "types": ["mypy", "--no-error-summary"],
        "import rules": ["lint-imports", "--no-cache"],
        "format of templates": [*djade, "--check", *templates],
        "lint of templates": ["djlint", "--lint", "--quiet", "templates"],
        "Django's own checks": ["python", "manage.py", "check", "--fail-level", "WARNING"],
        "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
        "translations": ["python", "-m", "tests.catalogue", "--check"],
        "vendored files": ["python", "-m", "tests.vendored"],
        "variables in .env.example": ["python", "-m", "tests.variables"],
    }  # fmt: skip
    failed = [name for name, command in checks.items() if not _passes(name, command)]
    print(f"\n{len(checks) - len(failed)} checks passed, {len(failed)} failed"
          + (f": {', '.join(failed)}" if failed else ""))  # fmt: skip
    return 1 if failed else 0


def _passes(name: str, command: list[str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        [PROGRAMS / command[0], *command[1:]],
        cwd=ROOT,
        # The settings of the tests: no secrets and no folder of an installation are needed.
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    is_good = done.returncode == 0
    seconds = time.monotonic() - began
    print(f"{'ok    ' if is_good else 'FAILED'} {name} ({seconds:.1f} s)", flush=True)
    if not is_good:
        print(done.stdout + done.stderr, flush=True)
    return is_good


if __name__ == "__main__":
    sys.exit(main())
