"""`manage.py serve` as people use it: one real instance, and what may happen to it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.platform.wire import Wire
from tests.services.folders import make_folder
from walletsite.children import dies_with_parent

pytestmark = [pytest.mark.serial, pytest.mark.once]

ROOT = Path(__file__).resolve().parents[2]
# A second GET hidden in the body: answered, it would have been smuggled past whoever is in front.
_HIDDEN = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Instance:
    """A running `serve` with its own data folder."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def wire(self) -> Wire:
        return Wire(self.port)

    def children(self, word: str = "") -> list[int]:
        """All processes below this one whose command line holds the word."""
        return [pid for pid in _below(self.process.pid) if word in _command(pid)]

    def wait_until_ready(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            try:
                self.wire.seconds_for_a_page()
                return
            except (OSError, AssertionError):
                time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())


def start(folder: Path, port: int) -> Instance:
    names = ("DATABASE_URL", "REDIS_URL", "WALLET_VAR_DIR", "DJANGO_SETTINGS_MODULE")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in names and not name.startswith(("WALLET_", "DJANGO_"))
    }
    environment |= {"WALLET_VAR_DIR": str(folder / "var"), "PORT": str(port), "WALLET_DEMO": "1"}
    environment["WALLET_LOG_FILE"] = os.environ["WALLET_LOG_FILE"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--ends-with-parent"],
            cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )  # fmt: skip
    return Instance(process, port, folder)


@pytest.fixture(scope="module")
def site() -> Iterator[Instance]:
    instance = start(make_folder("serve"), _free_port())
    instance.wait_until_ready()
    yield instance
    if instance.process.poll() is None:
        instance.process.terminate()
        instance.process.wait(timeout=30)


def refusal(folder: Path, port: int) -> str:
    """What a second `serve` says before it ends."""
    instance = start(folder, port)
    assert instance.process.wait(timeout=30) == 1
    return (folder / "log").read_text().strip()


def test_a_length_said_in_two_ways_gets_one_answer(site: Instance) -> None:
    for head in (
        [b"Content-Length: %d" % len(_HIDDEN), b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", b"Content-Length: 4"],
        [b"Content-Length: 0", b"Content-Length: %d" % len(_HIDDEN)],
    ):
        assert site.wire.statuses(b"POST /healthz HTTP/1.1", *head, body=_HIDDEN) == [400]


def test_an_unknown_or_misspelt_encoding_is_refused(site: Instance) -> None:
    for line in (b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked"):
        [status] = site.wire.statuses(b"POST /healthz HTTP/1.1", line, body=_HIDDEN)
        assert status in {400, 501}


def test_a_request_line_in_absolute_form_is_understood(site: Instance) -> None:
    line = b"GET http://127.0.0.1:%d/healthz HTTP/1.1" % site.port
    assert site.wire.statuses(line, b"Connection: close") == [200]


def test_too_much_is_refused_politely(site: Instance) -> None:
    assert site.wire.statuses(b"GET /healthz HTTP/1.1", b"X-A: " + b"a" * 70_000) == [431]
    [status] = site.wire.statuses(b"GET /healthz?" + b"a" * 70_000 + b" HTTP/1.1")
    assert status in {414, 431}
    assert site.wire.statuses(b"POST /healthz HTTP/1.1", b"Content-Length: 99999999") == [413]


def test_what_the_server_refuses_by_itself_carries_the_headers_of_the_pages(
    site: Instance,
) -> None:
    for lines in (
        [b"GET /healthz HTTP/1.1", b"X-A: " + b"a" * 70_000],
        [b"POST /healthz HTTP/1.1", b"Content-Length: 99999999"],
        [b"POST /healthz HTTP/1.1", b"Content-Length: -5"],
    ):
        head = site.wire.say(*lines).split(b"\r\n\r\n")[0].lower()
        assert re.match(rb"http/1\.[01] 4\d\d ", head), head
        for wanted in (
            b"content-security-policy: ", b"default-src 'none'", b"x-content-type-options: nosniff",
            b"cache-control: no-store", b"x-frame-options: deny", b"referrer-policy: same-origin",
        ):  # fmt: skip
            assert wanted in head, (wanted, head)
        assert b"\r\nserver:" not in head


def test_a_file_that_is_missing_now_is_asked_for_again(site: Instance) -> None:
    answer = site.wire.say(b"GET /static/none.js HTTP/1.1", b"Connection: close")
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"cache-control: no-store" in answer.lower()


def test_trace_is_off_and_the_server_says_no_name(site: Instance) -> None:
    assert site.wire.statuses(b"TRACE /healthz HTTP/1.1", b"Connection: close") == [405]
    answer = site.wire.say(b"GET /healthz HTTP/1.1", b"Connection: close").lower()
    assert b"\r\nserver:" not in answer
    assert b"waitress" not in answer


def test_slow_bodies_stop_nobody_and_end(site: Instance) -> None:
    with site.wire.slow_bodies(60) as slow:
        assert site.wire.seconds_for_a_page() < 5
        slow[0].settimeout(25)
        until = time.monotonic() + 22
        while time.monotonic() < until:
            try:
                slow[0].sendall(b"a")
                time.sleep(0.5)
            except OSError:
                return
        raise AssertionError("a body may drip for ever")


def test_static_files_have_hashed_names_and_last(site: Instance) -> None:
    page = site.wire.say(b"GET / HTTP/1.1", b"Connection: close")
    name = page.split(b'href="/static/wallet/wallet.')[1].split(b'"')[0]
    answer = site.wire.say(
        b"GET /static/wallet/wallet." + name + b" HTTP/1.1", b"Connection: close"
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"immutable" in answer.split(b"\r\n\r\n")[0]


def test_a_taken_port_is_said_with_its_holder(site: Instance, tmp_path: Path) -> None:
    said = refusal(tmp_path, site.port)
    assert said.startswith(f"Port {site.port} is taken by python")
    assert f"(process {site.process.pid})" in said
    assert len(said.splitlines()) == 1


def test_a_second_wallet_on_the_same_data_is_refused(site: Instance) -> None:
    log = site.folder / "log"
    before = log.read_text()
    assert start(site.folder, _free_port()).process.wait(timeout=30) == 1
    # The first one goes on writing beside it.
    said = log.read_text().removeprefix(before)
    assert "The wallet runs already on this data folder" in said
    assert "Traceback" not in said


def test_a_port_that_is_none_is_said(tmp_path: Path) -> None:
    assert "PORT=0 is not a port" in refusal(tmp_path, 0)


def test_killed_children_come_back_and_leave_nothing(site: Instance) -> None:
    [web] = site.children("walletsite.web")
    os.kill(web, signal.SIGKILL)
    site.wait_until_ready()
    workers = _wait_for_workers(site)
    os.kill(workers[0], signal.SIGKILL)
    _wait_until(lambda: not any(map(_is_alive, workers)))
    assert not set(_wait_for_workers(site)) & set(workers)


def test_ctrl_c_stops_everything(site: Instance) -> None:
    _wait_for_workers(site)
    everybody = site.children()
    os.kill(site.process.pid, signal.SIGINT)
    assert site.process.wait(timeout=20) == 0
    assert not any(map(_is_alive, everybody))
    assert (site.folder / "log").read_text().rstrip().endswith("Stopped; the data is kept.")


def test_a_killed_parent_leaves_nothing(site: Instance) -> None:
    again = start(site.folder, site.port)
    again.wait_until_ready()
    _wait_for_workers(again)
    everybody = again.children()
    again.process.kill()
    again.process.wait()
    _wait_until(lambda: not any(map(_is_alive, everybody)))


def _wait_for_workers(site: Instance) -> list[int]:
    """The worker, with the beat in it."""
    _wait_until(lambda: len(site.children("walletsite.worker")) == 1)
    return site.children("walletsite.worker")


def _wait_until(is_true: object, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not is_true():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.2)


def _below(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    children = [int(each) for each in text.split()]
    return children + [lower for child in children for lower in _below(child)]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
