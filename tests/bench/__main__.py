"""`python -m tests.bench`: measure, in one run, on one durable PostgreSQL, and print the ratios."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import django

from tests.bench.pages import measure as measure_pages
from tests.bench.peer import measure_hordak
from tests.bench.server import Server, running_server
from tests.bench.table import Table
from tests.bench.writers import EVENT, Writers, post_one

SECONDS = 1.0
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
PEER_SECONDS = 2.5
WALLETS = 1_000
FUNDS_MINOR = 10**9
BATCH = 10_000
BATCHES = 5
PLAIN_DATABASE = "plain"
HERE = Path(__file__).parent

_PLAIN = """
\\set debit random({low}, {high})
\\set step random(1, {spread})
\\set credit {low} + (:debit - {low} + :step) % {count}
SELECT bench_plain_transfer(:debit, :credit, 1);
"""
# The floor that the disk sets for one writer: no ledger can be faster than its commits.
_COMMIT = "INSERT INTO bench_commits VALUES (1);\n"


def main() -> None:
    """Run every measurement and print the table."""
    # A run that is told to stop takes its server and its folders with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    table = Table()
    with running_server(*os.environ.get("BENCH_POSTGRESQL", "").split()) as server:
        fsync = _ask(server, "SHOW fsync")
        _say(f"PostgreSQL on port {server.port}, fsync {fsync}; {os.cpu_count()} processors")
        _prepare(server)
        wallets, shop = _open_accounts()
        _copy(server)
        _measure_single(server, wallets, shop, table)
        alone = _pgbench_script(server, _COMMIT, 1)
        table.note(f"one writer's durable commits of a single row, nothing else: {alone:,.0f}/s")
        table.note_batches(_post_batches(wallets))
        _say("proving the books")
        table.note(_prove())
        _say("django-hordak: installing and measuring")
        table.note_hordak(measure_hordak(server, PEER_SECONDS))
    for line in measure_pages(_say):
        table.note(line)
    table.show(seconds=time.monotonic() - began)


def _measure_single(server: Server, wallets: list[int], shop: int, table: Table) -> None:
    """One entry at a time. Short rounds, one after the other, so that noise meets all sides."""
    plain: dict[int, list[float]] = {1: [], 8: []}
    service: dict[int, list[float]] = {1: [], 8: []}
    hot: list[float] = []
    with get_context("spawn").Manager() as manager:
        one, eight = Writers(1, manager), Writers(8, manager)
        for writers in (one, eight):
            writers.rate(post_one, wallets, wallets, 0.2)  # warm
        for number in range(ROUNDS):
            _say(f"round {number + 1} of {ROUNDS}")
            for clients, writers in ((1, one), (8, eight)):
                plain[clients].append(_pgbench(server, wallets, clients))
                service[clients].append(writers.rate(post_one, wallets, wallets, SECONDS))
            hot.append(_beside_folding(eight, wallets, shop))
        one.close()
        eight.close()
    for clients in (1, 8):
        table.note_service(clients, service[clients], plain[clients])
    table.note_hot(hot, service[8])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _prepare(server: Server) -> None:
    """A database with the tables of the ledger, reached by the site's own settings."""
    subprocess.run([server.program("createdb"), "bench"], env=server.environment(), check=True)
    os.environ["DATABASE_URL"] = server.url("bench")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walletsite.settings")
    for name in ("DJANGO_SECRET_KEY", "WALLET_FIELD_KEYS", "WALLET_INDEX_KEY",
                 "WALLET_PAYMENT_PASSWORD_KEYS"):  # fmt: skip
        os.environ.setdefault(name, secrets.token_urlsafe(32))
    django.setup()
    from django.core.management import call_command

    call_command("migrate", "ledger", verbosity=0, skip_checks=True)


def _copy(server: Server) -> None:
    """The same tables and accounts once more, for the plain function, which keeps no books."""
    from django.db import connection

    connection.close()
    environment = server.environment()
    createdb = [server.program("createdb"), "-T", "bench", PLAIN_DATABASE]
    subprocess.run(createdb, env=environment, check=True)
    psql = [server.program("psql"), "-q", "-d", PLAIN_DATABASE, "-f", str(HERE / "plain.sql")]
    subprocess.run(psql, env=environment, check=True)


def _ask(server: Server, question: str) -> str:
    psql = [server.program("psql"), "-At", "-d", "postgres", "-c", question]
    done = subprocess.run(
        psql, env=server.environment(), check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def _open_accounts() -> tuple[list[int], int]:
    """Funded wallets with ids in one row, and a merchant that everybody pays."""
    from ledger.models import LedgerAccount
    from ledger.services import (
        AccountHotness,
        AccountKind,
        EntryDraft,
        Posting,
        open_account,
        post_entries,
    )

    def account(code: str, kind: AccountKind, hotness: AccountHotness) -> LedgerAccount:
        return open_account(code=code, kind=kind, currency="CNY", hotness=hotness)

    bank = account("bank", AccountKind.ASSET, AccountHotness.HOT).pk
    shop = account("shop", AccountKind.LIABILITY, AccountHotness.HOT).pk
    wallets = [
        account(f"wallet:{number}", AccountKind.LIABILITY, AccountHotness.NORMAL).pk
        for number in range(WALLETS)
    ]
    postings = tuple(Posting(bank, wallet, FUNDS_MINOR) for wallet in wallets)
    post_entries([EntryDraft("funds", "funds", postings)])
    return wallets, shop


def _pgbench(server: Server, wallets: list[int], clients: int) -> float:
    """The plain function, called by PostgreSQL's own load generator with prepared statements."""
    low, high, count = wallets[0], wallets[-1], len(wallets)
    script = _PLAIN.format(low=low, high=high, spread=count - 1, count=count)
    return _pgbench_script(server, script, clients)


def _pgbench_script(server: Server, script: str, clients: int) -> float:
    command = [
        server.program("pgbench"), "-n", "-M", "prepared", "-f", "-",
        "-c", str(clients), "-j", "2" if clients > 1 else "1", "-T", str(round(SECONDS)),
        PLAIN_DATABASE,
    ]  # fmt: skip
    done = subprocess.run(
        command,
        env=server.environment(),
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        sys.exit(f"pgbench failed: {done.stderr or done.stdout}")
    return float(found.group(1))


def _beside_folding(writers: Writers, wallets: list[int], shop: int) -> float:
    """Everybody pays the shop, while its queue is folded twice a second (the beat: every ten)."""
    import threading

    from django.db import connection

    from ledger.services import fold_pending_credits

    is_over = threading.Event()

    def fold() -> None:
        while not is_over.wait(0.5):
            fold_pending_credits()
        connection.close()

    folder = threading.Thread(target=fold)
    folder.start()
    try:
        return writers.rate(post_one, wallets, [shop], SECONDS)
    finally:
        is_over.set()
        folder.join()


def _post_batches(wallets: list[int]) -> float:
    """Postings a second through post_entries: many entries of one posting each (interest)."""
    from ledger.services import EntryDraft, Posting, post_entries

    rates = []
    for number in range(BATCHES):
        drafts = [
            EntryDraft(
                f"batch:{number}:{place}",
                EVENT,
                (Posting(wallets[place % WALLETS], wallets[(place * 7 + 1) % WALLETS], 1),),
            )
            for place in range(BATCH)
        ]
        start = time.perf_counter()
        post_entries(drafts)
        rates.append(BATCH / (time.perf_counter() - start))
    return median(rates)


def _prove() -> str:
    """The books that were written must be right, or the rates mean nothing."""
    from ledger.services import fold_pending_credits, seal_entries, verify_ledger

    fold_pending_credits()
    seal_entries()
    report = verify_ledger()
    if not report.ok:
        sys.exit(f"the books are wrong: {report.problems[:5]}")
    return f"verify_ledger: {report.entries:,} entries right, head {report.head[:16]}"


if __name__ == "__main__":
    main()
