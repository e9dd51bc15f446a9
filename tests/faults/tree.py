"""The product as it runs: its processes, started again when they die, as an operator's would be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.faults.postgres import Postgres
from tests.faults.proxy import Proxy
from tests.services.folders import make_folder
from tests.services.redis import RedisServer, running_redis
from walletsite.children import dies_with_parent

ROOT = Path(__file__).resolve().parents[2]
CLOCK = Path(__file__).parent / "clock"
HEALTHY_SECONDS = 30
_KEYS = (
    "DJANGO_SECRET_KEY",
    "WALLET_FIELD_KEYS",
    "WALLET_INDEX_KEY",
    "WALLET_PAYMENT_PASSWORD_KEYS",
)


@dataclass
class Part:
    """One program of the tree."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0


@dataclass
class Tree:
    """Everything that serves one installation. `kind` is sqlite (what `make run` starts) or
    postgresql (web, worker and beat apart, with PostgreSQL and Redis)."""

    kind: str
    settings: str = "walletsite.settings"
    folder: Path = field(default_factory=lambda: make_folder("faults"))
    parts: list[Part] = field(default_factory=list)
    postgres: Postgres | None = None
    redis: RedisServer | None = None
    database: Proxy | None = None
    broker: Proxy | None = None

    def __post_init__(self) -> None:
        self._ends = ExitStack()
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._port = _free_port()
        self.clock_file = self.folder / "clock"
        self.clock_file.write_text("0", encoding="ascii")
        self.environment = self._environment()
        self.ask("prepare")
        self.parts = self._parts()
        self.front = Proxy(self._port)
        self._ends.callback(self.front.close)
        # Started here: they get a signal when the thread that started them ends.
        for part in self.parts:
            self._start(part)
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()
        self.wait_until_healthy()

    @property
    def port(self) -> int:
        """Where customers knock: the proxy in front of the web server."""
        return self.front.port

    def ask(self, what: str, *arguments: str) -> Any:
        """Run `tests.faults.inside` with the settings of this tree; its answer."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.inside", what, *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
            timeout=1800,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{what}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def part(self, name: str) -> Part:
        """One of the programs by its name."""
        return next(part for part in self.parts if part.name == name)

    def pids(self, name: str, word: str = "") -> list[int]:
        """The processes of a part, its own first; with a word only those whose command has it."""
        process = self.part(name).process
        if process is None:
            return []
        found = [process.pid, *_below(process.pid)]
        return [pid for pid in found if word in _command(pid)]

    def kill(self, name: str) -> None:
        """SIGKILL to a part and all below it."""
        for pid in self.pids(name):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def signal(self, name: str, said: signal.Signals) -> None:
        """A signal to a part and all below it."""
        for pid in self.pids(name):
            with suppress(ProcessLookupError):
                os.kill(pid, said)

    def jump(self, seconds: int) -> None:
        """Set the clocks of the site this far from the real time; 0 sets them right."""
        self.clock_file.write_text(str(seconds), encoding="ascii")
        time.sleep(0.2)

    def wait_until_healthy(self) -> float:
        """How many seconds it took until pages and the database answered, at most 30."""
        began = time.monotonic()
        while time.monotonic() - began < HEALTHY_SECONDS:
            if _answers(self._port, "/readyz") and _answers(self._port, "/sign-in/"):
                return time.monotonic() - began
            time.sleep(0.1)
        raise AssertionError(f"not healthy after {HEALTHY_SECONDS} s:\n{self.log_ends()}")

    def log_ends(self, most: int = 3000) -> str:
        """The last lines that each part wrote."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(
            f"== {log.name}\n{log.read_text('utf-8', 'replace')[-most:]}" for log in logs
        )

    def close(self) -> None:
        """End every process, the ones that would start others first."""
        self._is_over.set()
        self._keeper.join(5)
        for part in self.parts:
            self.kill(part.name)
            if part.process is not None:
                part.process.wait()
        self._ends.close()

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("WALLET_", "DJANGO_"))
            and name not in {"DATABASE_URL", "REDIS_URL"}
        }
        kept |= {
            "WALLET_VAR_DIR": str(self.folder / "var"),
            "WALLET_FAULT_CLOCK": str(self.clock_file),
            "PYTHONPATH": f"{CLOCK}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": self.settings,
            "SANDBOX_SETTLES_AFTER_SECONDS": "0",
            "PORT": str(self._port),
            "WALLET_LANGUAGE": "en",
            "WALLET_TRIAL": "1",
            "WALLET_TRUSTED_PROXY_COUNT": "1",
        }
        if self.kind == "sqlite":
            return kept
        self.postgres = Postgres()
        self._ends.callback(self.postgres.stop)
        self.database = Proxy(self.postgres.socket)
        self._ends.callback(self.database.close)
        self.redis = self._ends.enter_context(running_redis())
        kept |= {name: f"only for these tests, protects nothing: {name}" for name in _KEYS}
        return kept | {
            "DATABASE_URL": f"postgres://wallet@127.0.0.1:{self.database.port}/postgres",
            "REDIS_URL": self.redis.url,
            "WALLET_SECURE_COOKIES": "false",
        }

    def _parts(self) -> list[Part]:
        python = sys.executable
        if self.kind == "sqlite":
            return [Part("serve", [python, "manage.py", "serve", "--ends-with-parent"])]
        celery = [
            python, "-W", "ignore:You're running the worker", "-m", "celery", "-A", "walletsite",
            "--quiet",
        ]  # fmt: skip
        web = [
            python, "-m", "gunicorn", "walletsite.wsgi", "--bind", f"127.0.0.1:{self._port}",
            "--workers", "2", "--threads", "4", "--no-control-socket", "--timeout", "30",
        ]  # fmt: skip
        worker = ["worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        beat = ["beat", "--pidfile="]
        return [
            Part("web", web),
            Part("worker", [*celery, *worker, "--loglevel", "WARNING"]),
            Part("beat", [*celery, *beat, "--loglevel", "WARNING"]),
        ]

    def _start(self, part: Part) -> None:
        with (self.folder / f"{part.name}.log").open("ab") as log:
            part.process = subprocess.Popen(
                part.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=dies_with_parent(signal.SIGKILL),
            )  # fmt: skip
        part.starts += 1

    def _keep(self) -> None:
        """Start again what has died, as a service manager does."""
        while not self._is_over.wait(0.25):
            for part in self.parts:
                if part.process is not None and part.process.poll() is not None:
                    self._start(part)


def wait_for(seconds: float, found: Callable[[], bool]) -> bool:
    """Look every tenth of a second until it is so; whether it became so in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found():
            return True
        time.sleep(0.1)
    return found()


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _below(pid: int) -> list[int]:
    """Children and their children."""
    found = []
    for child in _children(pid):
        found += [child, *_below(child)]
    return found


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        others = [
            (thread / "children").read_text(encoding="ascii")
            for thread in Path(f"/proc/{pid}/task").iterdir()
            if thread.name != str(pid)
        ]
    except OSError:
        return []
    return [int(word) for word in " ".join([text, *others]).split()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
