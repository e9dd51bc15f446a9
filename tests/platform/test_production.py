"""The production settings on a real PostgreSQL and a real Redis, looked at over HTTP."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from redis import Redis

from tests.platform.deployment import command_of
from tests.platform.production import HOST, environment
from tests.services.folders import make_folder
from tests.services.postgresql import start_postgresql
from tests.services.redis import RedisServer
from walletsite.children import dies_with_parent

pytestmark = [pytest.mark.serial, pytest.mark.once, pytest.mark.redis]

ROOT = Path(__file__).resolve().parents[2]
HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


@dataclass
class Site:
    """gunicorn as the units and the container start it."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    variables: dict[str, str]

    def get(self, path: str, headers: dict[str, str] | None = None) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Host": HOST, **(headers or {})})
        answer = connection.getresponse()
        answer.body = answer.read().decode()  # type: ignore[attr-defined]
        connection.close()
        return answer

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.variables, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def database_url() -> str:
    """A PostgreSQL of its own, so that other tests of this process are not in the way."""
    return start_postgresql()


@pytest.fixture(scope="module")
def site(database_url: str, redis_server: RedisServer) -> Iterator[Site]:
    folder = make_folder("production")
    keys = folder / "secrets"
    keys.mkdir()
    variables = environment(folder, database_url=database_url, redis_url=redis_server.url)
    # Every secret from a file, as containers and units hand them over.
    for name in [*(each for each in variables if each.endswith(("_KEY", "_KEYS", "_URL")))]:
        (keys / name).write_text(variables.pop(name) + "\n")
        (keys / name).chmod(0o400)
        variables[f"{name}_FILE"] = str(keys / name)
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    variables |= {"HOME": str(folder), "WALLET_BIND": f"127.0.0.1:{port}", "PYTHONPATH": str(ROOT)}
    prepared = Site(None, port, folder, variables)  # type: ignore[arg-type]
    for words in (
        ("check", "--deploy", "--fail-level", "WARNING"),
        ("upgrade_database",),
        ("collectstatic", "--noinput", "--verbosity", "0"),
    ):
        done = prepared.manage(*words)
        assert done.returncode == 0, done.stderr
    process = start_gunicorn(variables, folder)
    site = Site(process, port, folder, variables)
    wait_until_up(site)
    yield site
    process.terminate()
    assert process.wait(timeout=40) == 0, (folder / "log").read_text()


def started_by(unit: str) -> list[str]:
    """The command of a unit, with the Python of the test."""
    program, *words = command_of(unit)
    return [sys.executable, "-m", Path(program).name, *words]


def start_gunicorn(variables: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            started_by("wallet-web@.service"),
            cwd=ROOT, env=variables, stdout=log, stderr=log,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )  # fmt: skip


def wait_until_up(site: Site) -> None:
    until = time.monotonic() + 40
    while time.monotonic() < until:
        assert site.process.poll() is None, (site.folder / "log").read_text()
        try:
            site.get("/sign-in/")
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError((site.folder / "log").read_text())


def test_a_request_that_cannot_be_read_is_not_written_down_with_its_numbers(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as raw:
        raw.sendall(b"GET /?q=13800136027 HTTP/1.1\r\nphone 13800136027\r\n\r\n")
        assert raw.recv(12).endswith(b"400")
    log = site.folder / "log"
    until = time.monotonic() + 10
    while "[phone]" not in log.read_text():
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)
    assert "13800136027" not in log.read_text()


def test_http_is_sent_to_https(site: Site) -> None:
    answer = site.get("/sign-in/")
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/sign-in/")


def test_a_page_over_the_proxy_has_its_headers_and_secure_cookies(site: Site) -> None:
    answer = site.get("/sign-in/", HTTPS)
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert cookies
    for cookie in cookies:
        assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite" in cookie, cookie
    assert any(cookie.startswith("__Host-wallet-csrf=") for cookie in cookies)


def test_static_files_are_served_with_hashed_names(site: Site) -> None:
    page = site.get("/sign-in/", HTTPS).body  # type: ignore[attr-defined]
    [name] = re.findall(r"/static/wallet/wallet\.[0-9a-f]+\.css", page)[:1]
    answer = site.get(name, HTTPS)
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]


def test_another_host_is_refused_and_nothing_is_shown(site: Site) -> None:
    answer = site.get("/sign-in/", {**HTTPS, "Host": "evil.example"})
    assert answer.status == 400
    assert "Traceback" not in answer.body  # type: ignore[attr-defined]


def test_demo_pages_do_not_exist(site: Site) -> None:
    assert site.get("/demo/inbox/", HTTPS).status in {302, 404}


def test_limits_are_set_on_every_connection(site: Site, database_url: str) -> None:
    said = site.manage(
        "shell", "-v", "0", "-c",
        "from django.db import connection as c; k=c.cursor();"
        "print([k.execute('SHOW '+n).fetchone()[0] for n in ('statement_timeout',"
        "'lock_timeout','idle_in_transaction_session_timeout')])",
    )  # fmt: skip
    assert said.stdout.strip() == "['15s', '8s', '30s']", said.stderr


def test_nothing_is_left_in_the_home_folder(site: Site) -> None:
    """gunicorn would put a socket for commands there."""
    assert not (Path(site.variables["HOME"]) / ".gunicorn").exists()


def test_a_frozen_redis_stops_no_page(site: Site, redis_server: RedisServer) -> None:
    os.kill(redis_server.process.pid, signal.SIGSTOP)
    try:
        for _number in range(4):
            began = time.monotonic()
            assert sign_in(site) in {200, 422}
            assert time.monotonic() - began < 2
    finally:
        os.kill(redis_server.process.pid, signal.SIGCONT)


def sign_in(site: Site) -> int:
    """Post the form with a wrong password: it counts, whatever Redis does."""
    page = site.get("/sign-in/", HTTPS)
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.body)[:1]  # type: ignore[attr-defined]
    cookie = page.headers["Set-Cookie"].split(";")[0]
    connection = HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.request(
        "POST", "/sign-in/",
        body=f"csrfmiddlewaretoken={token}&phone=13800136027&password=wrong-password",
        headers={
            "Host": HOST, **HTTPS, "Cookie": cookie, "Referer": f"https://{HOST}/sign-in/",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )  # fmt: skip
    return connection.getresponse().status


def test_acts_are_counted_in_redis_under_our_prefix(
    site: Site, redis_server: RedisServer, database_url: str
) -> None:
    time.sleep(5.5)  # the rest after the test before
    sign_in(site)
    with Redis.from_url(redis_server.url, decode_responses=True) as client:
        assert [each for each in client.scan_iter() if each.startswith("wallet:throttle:sign_in:")]


def test_worker_and_beat_work_over_redis(site: Site, redis_server: RedisServer) -> None:
    with Redis.from_url(redis_server.url) as client:
        # What other tests of this process left is not ours to judge.
        client.flushall()
    log = site.folder / "worker.log"
    with log.open("wb") as file:
        children = [
            subprocess.Popen(
                started_by(f"wallet-{name}.service"),
                cwd=ROOT, env={**site.variables, "WALLET_LOG_LEVEL": "DEBUG"}, stdout=file, stderr=file,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
            for name in ("worker", "beat")
        ]  # fmt: skip
    try:
        until = time.monotonic() + 40
        while not re.search(r'"outcome": "success"', log.read_text(errors="replace")):
            assert time.monotonic() < until, log.read_text(errors="replace")
            time.sleep(0.2)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            # A warm shutdown finishes what it does; systemd waits longer.
            child.wait(timeout=60)
    with Redis.from_url(redis_server.url, decode_responses=True) as client:
        assert {each.split(":")[0] for each in client.scan_iter()} == {"wallet"}


def test_a_backup_can_be_taken_and_rehearsed_with_these_settings(site: Site) -> None:
    path = site.folder / "wallet.backup"
    done = site.manage("backup", str(path))
    assert done.returncode == 0, done.stderr
    drill = site.manage("restore", "--drill", str(path))
    assert drill.returncode == 0, drill.stderr
    # Somebody is connected: gunicorn is.
    refused = site.manage("restore", "--replace", str(path))
    assert refused.returncode == 1
    assert "other connection" in refused.stderr


def test_an_upgrade_gives_up_on_a_table_in_use_and_then_succeeds(
    site: Site, database_url: str
) -> None:
    with psycopg.connect(**address(database_url)) as other:
        other.execute("LOCK TABLE django_migrations")
        held = site.manage("upgrade_database", "--tries", "2", "--lock-seconds", "0.2")
        assert held.returncode == 1
        assert "try 2 of 2" in held.stdout and "nothing is half done" in held.stderr
    done = site.manage("upgrade_database")
    assert done.returncode == 0, done.stderr


def test_two_upgrades_at_once_take_turns(site: Site) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "manage.py", "upgrade_database"],
            cwd=ROOT, env=site.variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _number in range(2)
    ]  # fmt: skip
    for each in both:
        _out, said = each.communicate(timeout=60)
        assert each.returncode == 0, said.decode()


def address(url: str) -> dict[str, str]:
    """What psycopg calls the parts of an address with a socket's folder."""
    folder, database = urlsplit(url).path.rsplit("/", 1)
    return {"host": folder.replace("//", "/"), "user": "wallet", "dbname": database}


@pytest.mark.parametrize("unit", ["wallet-web@", "wallet-worker", "wallet-beat"])
def test_nothing_starts_with_an_unsafe_setting(site: Site, unit: str) -> None:
    done = subprocess.run(
        started_by(f"{unit}.service"),
        cwd=ROOT, env={**site.variables, "WALLET_DEMO": "1", "WALLET_BIND": "127.0.0.1:0"},
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode != 0
    assert "walletsite.E001" in done.stderr


def test_the_healthcheck_of_the_container_tells_life_from_death(site: Site) -> None:
    ask = [sys.executable, "deploy/healthcheck.py"]
    assert subprocess.run(ask, cwd=ROOT, env=site.variables, check=False).returncode == 0
    elsewhere = {**site.variables, "WALLET_BIND": "127.0.0.1:1"}
    assert subprocess.run(ask, cwd=ROOT, env=elsewhere, check=False).returncode == 1


def test_the_logs_hold_no_secret(site: Site) -> None:
    said = (site.folder / "log").read_text()
    for name, path in site.variables.items():
        if name.endswith("_FILE"):
            assert Path(path).read_text().strip() not in said
