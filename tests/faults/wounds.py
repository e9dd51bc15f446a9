"""The faults, one function each: hurt the tree, wait, and let it be. Healing is the tree's own."""

from __future__ import annotations

import os
import random
import resource
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from redis import Redis

from tests.faults.proxy import Mode, Proxy
from tests.faults.tree import Tree

Wound = Callable[[Tree, random.Random], None]
_ALL: dict[str, tuple[Wound, frozenset[str]]] = {}
BOTH = frozenset({"sqlite", "postgresql"})
HOUR = 3600


def list_wounds(kind: str) -> dict[str, Wound]:
    """Name -> fault, for a tree of this kind."""
    return {name: wound for name, (wound, kinds) in _ALL.items() if kind in kinds}


def _wound(*kinds: str) -> Callable[[Wound], Wound]:
    def note(wound: Wound) -> Wound:
        _ALL[wound.__name__] = (wound, frozenset(kinds) or BOTH)
        return wound

    return note


def _web(tree: Tree) -> tuple[str, str]:
    """The part that the web server belongs to, and a word of its command."""
    return ("serve", "walletsite.web") if tree.kind == "sqlite" else ("web", "gunicorn")


def _worker(tree: Tree) -> tuple[str, str]:
    return ("serve", "walletsite.worker") if tree.kind == "sqlite" else ("worker", " worker ")


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@_wound()
def kill_the_web_server(tree: Tree, chance: random.Random) -> None:
    _kill(tree.pids(*_web(tree)))


@_wound("postgresql")
def kill_one_web_process(tree: Tree, chance: random.Random) -> None:
    _kill([chance.choice(tree.pids(*_web(tree))[1:])])


@_wound()
def kill_the_worker(tree: Tree, chance: random.Random) -> None:
    _kill(tree.pids(*_worker(tree))[:1])


@_wound("postgresql")
def kill_beat(tree: Tree, chance: random.Random) -> None:
    """Without it nothing is swept, and nobody would notice for a while. The embedded one is a
    thread of the worker."""
    tree.kill("beat")


@_wound()
def kill_everything(tree: Tree, chance: random.Random) -> None:
    """The machine goes down, the database with it."""
    if tree.postgres is not None:
        tree.postgres.kill()
    for part in tree.parts:
        tree.kill(part.name)
    time.sleep(chance.uniform(0, 1))
    if tree.postgres is not None:
        tree.postgres.start_again()


@_wound("postgresql")
def kill_postgresql(tree: Tree, chance: random.Random) -> None:
    assert tree.postgres is not None
    tree.postgres.kill()
    time.sleep(chance.uniform(0, 3))
    tree.postgres.start_again()


@_wound("postgresql")
def kill_one_database_process(tree: Tree, chance: random.Random) -> None:
    """PostgreSQL then ends all others itself, and recovers."""
    assert tree.postgres is not None
    _kill([chance.choice(tree.postgres.pids()[1:])])


@_wound()
def cut_the_customers(tree: Tree, chance: random.Random) -> None:
    _break(tree.front, Mode.CUT, chance.uniform(0, 2))


@_wound()
def swallow_the_answers(tree: Tree, chance: random.Random) -> None:
    """What was sent is done, and nobody hears of it."""
    _break(tree.front, Mode.SWALLOW, chance.uniform(1, 3))


@_wound()
def black_hole_for_customers(tree: Tree, chance: random.Random) -> None:
    _break(tree.front, Mode.HOLE, chance.uniform(1, 4))


@_wound("postgresql")
def cut_the_database(tree: Tree, chance: random.Random) -> None:
    assert tree.database is not None
    _break(tree.database, Mode.CUT, chance.uniform(0, 2))


@_wound("postgresql")
def swallow_what_the_database_says(tree: Tree, chance: random.Random) -> None:
    """The commit arrives; that it was done does not."""
    assert tree.database is not None
    _break(tree.database, Mode.SWALLOW, chance.uniform(1, 3))


@_wound("postgresql")
def black_hole_before_the_database(tree: Tree, chance: random.Random) -> None:
    assert tree.database is not None
    _break(tree.database, Mode.HOLE, chance.uniform(1, 6))


@_wound("postgresql")
def freeze_redis(tree: Tree, chance: random.Random) -> None:
    assert tree.redis is not None
    tree.redis.process.send_signal(signal.SIGSTOP)
    time.sleep(chance.uniform(1, 5))
    tree.redis.process.send_signal(signal.SIGCONT)


@_wound("postgresql")
def empty_redis(tree: Tree, chance: random.Random) -> None:
    """All wake-ups and counters are lost, as after a restart without a disk."""
    assert tree.redis is not None
    with Redis.from_url(tree.redis.url) as client:
        client.flushall()


@_wound()
def freeze_the_web_server(tree: Tree, chance: random.Random) -> None:
    _freeze(tree.pids(*_web(tree)), chance.uniform(1, 5))


@_wound()
def freeze_the_worker(tree: Tree, chance: random.Random) -> None:
    _freeze(tree.pids(*_worker(tree)), chance.uniform(1, 5))


@_wound()
def fill_the_disk(tree: Tree, chance: random.Random) -> None:
    """No file may grow beyond what it is, for the processes that write the database."""
    pids = tree.postgres.pids() if tree.postgres is not None else tree.pids("serve")
    _limit_files(pids, 0)
    time.sleep(chance.uniform(1, 3))
    # PostgreSQL may have started its processes anew meanwhile.
    pids = tree.postgres.pids() if tree.postgres is not None else tree.pids("serve")
    _limit_files(pids, resource.RLIM_INFINITY)
    if tree.postgres is not None:
        time.sleep(0.5)
        tree.postgres.start_again()


@_wound()
def clock_an_hour_back(tree: Tree, chance: random.Random) -> None:
    _jump(tree, -HOUR, chance)


@_wound()
def clock_two_hours_on(tree: Tree, chance: random.Random) -> None:
    _jump(tree, 2 * HOUR, chance)


@_wound()
def clock_a_day_on(tree: Tree, chance: random.Random) -> None:
    _jump(tree, 24 * HOUR, chance)


@_wound()
def migrate_under_traffic(tree: Tree, chance: random.Random) -> None:
    """An upgrade: a column and an index come to the busiest table while everybody pays, and go."""
    tree.ask("upgrade")


def _break(proxy: Proxy, mode: Mode, seconds: float) -> None:
    proxy.set(mode)
    time.sleep(seconds)
    proxy.set(Mode.PASS)


def _freeze(pids: list[int], seconds: float) -> None:
    for said in (signal.SIGSTOP, signal.SIGCONT):
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, said)
        if said is signal.SIGSTOP:
            time.sleep(seconds)


def _limit_files(pids: list[int], most: int) -> None:
    """Set the size that files may have, of each process by a child that has its owner's rights."""
    for pid in pids:
        with suppress(ProcessLookupError, FileNotFoundError):
            facts = os.stat(f"/proc/{pid}")
            child = os.fork()
            if child == 0:
                with suppress(OSError):
                    if facts.st_uid != os.geteuid():
                        os.setresgid(facts.st_gid, facts.st_gid, facts.st_gid)
                        os.setresuid(facts.st_uid, facts.st_uid, facts.st_uid)
                    limits = (most, resource.RLIM_INFINITY)
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
                    os._exit(0)
                os._exit(1)
            _child, status = os.waitpid(child, 0)
            assert status == 0 or not os.path.exists(f"/proc/{pid}"), "the limit was not taken"


def _jump(tree: Tree, seconds: int, chance: random.Random) -> None:
    tree.jump(seconds)
    time.sleep(chance.uniform(1, 3))
    tree.jump(0)
