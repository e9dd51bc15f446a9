"""The embedded servers: started, looked after, stopped. `manage.py serve` goes on as this program.

`python -m walletsite.embedded LISTENER DEMO`, where LISTENER is a bound socket; the lock on the
data folder is another descriptor, held open. Without Django it takes a tenth of the memory.
"""

from __future__ import annotations

import signal
import socket
import sys
import time
from typing import NoReturn

from walletsite import children
from walletsite.supervisor import Child, Supervisor

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_READY_SECONDS = 60
# A worker on the file queue takes up to eight seconds to finish what it does.
_WORKER_PATIENCE = 9.0
_WEB_PATIENCE = 6.0


class Stop(Exception):
    """Raised by the signals that stop it, wherever the program is."""


class NotReady(Exception):
    """The web server did not answer in time."""


def main() -> int:
    """Returns 0 when told to stop."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    host, port = listener.getsockname()[:2]
    children.adopt_orphans()
    supervisor = Supervisor(_children(listener), _say)
    code = 0
    try:
        for number in STOPPING:
            signal.signal(number, _stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        _say("Starting web server and worker")
        supervisor.start()
        _wait_until_ready(supervisor, host, port)
        _welcome(host, port, is_demo=sys.argv[2] == "1")
        while True:
            time.sleep(0.25)
            supervisor.look_after()
    except Stop:
        _say("Stopping")
    except NotReady:
        _say("The web server did not answer in time; its messages stand above.")
        code = 1
    finally:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        listener.close()
        supervisor.stop()
    _say("Stopped; the data is kept.")
    return code


def _wait_until_ready(supervisor: Supervisor, host: str, port: int) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        try:
            with socket.create_connection((_reachable(host), port), timeout=5) as asked:
                asked.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                if asked.recv(5) == b"HTTP/":
                    return
        except OSError:
            pass
        time.sleep(0.05)
        supervisor.look_after()
    raise NotReady


def _welcome(host: str, port: int, *, is_demo: bool) -> None:
    reachable = _reachable(host)
    # Under a name, as browsers make passkeys for names only.
    shown = "localhost" if reachable == "127.0.0.1" else reachable
    address = f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"
    lines = ["", f"  The wallet is ready:  {address}"]
    if is_demo:
        lines += [
            f"  SMS codes appear on   {address}demo/inbox/ and here in the terminal.",
            "  This is demo mode: never with real money.",
        ]
    _say("\n".join([*lines, "  Ctrl-C stops it.", ""]))


def _say(line: str) -> None:
    sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()


def _stop(*_: object) -> NoReturn:
    raise Stop


def _reachable(host: str) -> str:
    """What listens everywhere is looked at from here. Compares with the address, binds nothing."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nosec B104


def _children(listener: socket.socket) -> list[Child]:
    """Web first: it stops taking requests before the worker stops working."""
    python, fd = sys.executable, listener.fileno()
    web = Child("web server", [python, "-m", "walletsite.web", str(fd)], _WEB_PATIENCE, (fd,))
    worker = Child(
        "worker",
        [
            # As root Celery warns of pickle, which it does not use here.
            python, "-W", "ignore:You're running the worker", "-m", "walletsite.worker",
            "--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat",
            "--loglevel", "WARNING", "--hostname", "embedded@localhost",
        ],
        _WORKER_PATIENCE,
    )  # fmt: skip
    return [web, worker]


if __name__ == "__main__":
    sys.exit(main())
