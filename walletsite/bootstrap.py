"""Makes the virtual environment, then hands over. Needs nothing but Python's own library.

Called by the Makefile with the system's Python:

    python3 walletsite/bootstrap.py REQUIREMENTS COMMAND...

installs the hash-locked file REQUIREMENTS into `.venv` unless exactly that file is in there, and
becomes `.venv/bin/python COMMAND...`. Everything that can go wrong here ends in one sentence.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
OLDEST, TOO_NEW = (3, 11), (3, 15)


def main() -> NoReturn:
    """Prepare, then become the command."""
    requirements, command = ROOT / sys.argv[1], sys.argv[2:]
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        _give_up(f"Python 3.11 to 3.14 is needed; this is {sys.version.split()[0]}.")
    os.chdir(ROOT)
    _check_writable(ROOT, "the folder of the project")
    _check_writable(Path(os.environ.get("WALLET_VAR_DIR", str(ROOT / "var"))), "the data folder")
    python = ROOT / ".venv" / "bin" / "python"
    _install(requirements, python)
    sys.stdout.flush()
    os.execv(python, [str(python), *command])


def _install(requirements: Path, python: Path) -> None:
    """Bring `.venv` to what the lock file says; quick when it is there already."""
    stamp = python.parent.parent / f".{requirements.name}.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    is_usable = python.exists() and subprocess.run([python, "-c", ""], check=False).returncode == 0
    if is_usable and stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    began = time.monotonic()
    if not is_usable:
        _say("Making the virtual environment .venv")
        _make_environment()
    _say(f"Installing {requirements.name} into .venv (the first time this takes a moment)")
    done = subprocess.run(
        [
            python, *_pip(python), "install", "--quiet", "--disable-pip-version-check",
            "--no-input", "--no-deps", "--no-compile", "--require-hashes", "-r", requirements,
        ],
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        _give_up(
            f"Installing {requirements.name} failed, see above; is the package index reachable?"
        )
    stamp.write_text(wanted, encoding="ascii")
    _say(f"Installed in {time.monotonic() - began:.1f} s")


def _make_environment() -> None:
    """Without a copy of pip in it: making that takes longer than all the rest."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        _give_up(
            "This Python lacks the module venv: install it (on Debian: apt install python3-venv)."
        )
    import venv

    venv.create(ROOT / ".venv", clear=True, symlinks=True, with_pip=_bundled_pip() is None)


def _bundled_pip() -> Path | None:
    """The pip that comes with Python, as a wheel that can be run without being installed."""
    import ensurepip

    folders = [Path(ensurepip.__file__).parent / "_bundled"]
    if elsewhere := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        folders.append(Path(elsewhere))
    wheels = [wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl"))]
    return wheels[-1] if wheels else None


def _pip(python: Path) -> list[str]:
    """How to call pip with that Python."""
    installed = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    if installed.returncode == 0:
        return ["-m", "pip"]
    wheel = _bundled_pip() if find_spec("ensurepip") else None
    if wheel is None:
        _give_up("There is no pip: remove .venv and try again.")
    return [f"{wheel}/pip"]


def _check_writable(folder: Path, what: str) -> None:
    """Try it: permissions alone do not tell, for example on a read-only file system."""
    probe = folder / f".writable-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        _give_up(f"Cannot write to {what} {folder}: {error.strerror}.")


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def _give_up(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr, flush=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
