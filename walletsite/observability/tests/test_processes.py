"""Counts of several processes add up, survive their process, and never get anybody killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from prometheus_client import Counter, values

from walletsite.observability import processes as room
from walletsite.observability.processes import Processes, counts_folder

pytestmark = pytest.mark.once

_COUNTING = """
import sys, threading
import django
django.setup()
from accounts.security.counters import REFUSALS
def count():
    for _ in range(100):
        REFUSALS.labels("limit.day").inc()
threads = [threading.Thread(target=count) for _ in range(4)]
[each.start() for each in threads]
[each.join() for each in threads]
print("done", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.METRICS = {**settings.METRICS, "folder": str(tmp_path)}
    return counts_folder()


def counting_process(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", _COUNTING],
        cwd=site.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "WALLET_METRICS_DIR": str(folder.parent),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"done\n"
    return process


def counted(processes: Processes) -> float:
    with processes.reading():
        for family in processes.collect().collect():
            for sample in family.samples:
                if sample.name == "wallet_refusals_total" and sample.labels == {
                    "code": "limit.day"
                }:
                    return float(sample.value)
    return 0.0


def test_threads_and_processes_add_up_and_a_killed_one_keeps_its_counts(folder: Path) -> None:
    processes = Processes()
    first, second = counting_process(folder), counting_process(folder)
    assert counted(processes) == 800
    first.kill()
    first.wait()
    assert counted(Processes()) == 800
    assert not list(folder.glob(f"*_{first.pid}-*.db"))
    second.communicate(b"")
    assert counted(Processes()) == 800
    assert [path.name for path in folder.glob("counter_*.db")] == ["counter_retired.db"]
    third = counting_process(folder)
    assert counted(Processes()) == 1200
    third.communicate(b"")


def test_containers_on_one_volume_are_told_apart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting_process(folder).communicate(b"")
    monkeypatch.setattr(room, "_namespace", lambda: "4711")
    assert counts_folder() != folder
    assert counted(Processes()) == 0


def test_the_folder_of_a_container_that_is_gone_is_removed_and_a_living_one_is_kept(
    folder: Path,
) -> None:
    living = counting_process(folder)
    gone = folder.parent / "web-1-4711"
    gone.mkdir()
    (gone / "alive").touch()
    newcomer = counting_process(folder)
    assert not gone.exists()
    room._remove_abandoned(folder.parent, keep=gone)
    assert folder.exists()
    for each in (living, newcomer):
        each.communicate(b"")
    room._remove_abandoned(folder.parent, keep=gone)
    assert not folder.exists()


@pytest.fixture
def fresh_values(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What this process counts with is put back."""
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.setattr(room, "processes", Processes())
    folder_variable = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
    yield
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder_variable


@pytest.mark.usefixtures("fresh_values")
def test_without_room_on_the_disk_a_process_counts_in_memory(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    room.count_across_processes()
    counter = Counter("wallet_try", "A count.", ["why"], registry=None)
    counter.labels("full").inc(3)
    assert counter.labels("full")._value.get() == 3
    assert not list(folder.glob("*.db"))


@pytest.mark.usefixtures("fresh_values")
def test_files_have_their_room_before_anybody_counts(folder: Path) -> None:
    room.count_across_processes()
    Counter("wallet_other_try", "A count.", ["why"], registry=None).labels("ok").inc()
    [path] = folder.glob("counter_*.db")
    status = path.stat()
    assert status.st_blocks * 512 >= status.st_size >= 1 << 20
