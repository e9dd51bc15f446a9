"""Real processes, really killed, at moments that nobody chose: the same end as if nothing was."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.users.models import User
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.rails.iso20022.credit_transfers import read_credit_transfers
from payments.banking.rails.iso20022.documents import PAIN_001, read_document
from payments.banking.reconciliation.models import BankFile, EntryOutcome
from payments.banking.reconciliation.services import finish_what_waits, reconcile_bank
from payments.banking.reconciliation.tests.builders import (
    FILE_RAIL,
    OPENING,
    available,
    case_kinds,
    handed_over,
    return_of,
    row_of,
    statement,
)
from payments.banking.states import OrderState
from tests.cast import prove_the_books
from walletsite.children import dies_with_parent

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.serial,
    pytest.mark.usefixtures("phones"),
]
ROOT = Path(__file__).resolve().parents[4]
KILLS = 5
ORDERS = 6


def run(files: dict[str, Any], *command: str) -> subprocess.Popen[bytes]:
    """A command of ours as a process of its own, on the database of this test."""
    folders = {f"BANK_FILES_{name.upper()}": files[name] for name in ("out", "in", "archive")}
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={
            **os.environ,
            **folders,
            "BANK_FILES_UNTOUCHED_SECONDS": "0",
            "BANK_RAIL": FILE_RAIL,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "WALLET_TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=dies_with_parent(signal.SIGKILL),
    )


def run_to_its_end(files: dict[str, Any], *command: str) -> float:
    """How many seconds it took."""
    began = time.monotonic()
    child = run(files, *command)
    said = child.communicate(timeout=90)[0].decode()
    assert child.returncode == 0, said
    return time.monotonic() - began


def kill_often(files: dict[str, Any], takes_seconds: float, *command: str) -> None:
    """Start it, let it work for a moment, kill it; again and again."""
    for _time in range(KILLS):
        child = run(files, *command)
        time.sleep(random.uniform(0.4, 1.0) * takes_seconds)
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=30)


def test_killed_writers_and_importers_leave_what_undisturbed_ones_leave(
    alice: User, card: LinkedCard, files: dict[str, Any]
) -> None:
    takes = run_to_its_end(files, "write_bank_files", "--now")
    orders = [handed_over(alice, card, 10_00) for _number in range(ORDERS)]
    kill_often(files, takes, "write_bank_files", "--now")
    run_to_its_end(files, "write_bank_files", "--now")
    sent = [
        transfer.end_to_end_id
        for path in Path(files["out"]).glob("*.xml")
        for transfer in read_credit_transfers(
            read_document(path.read_bytes(), accepted=[PAIN_001], most_bytes=1 << 20)
        ).transfers
    ]
    assert sorted(sent) == sorted(order.reference for order in orders)

    Path(files["in"]).mkdir()
    rows = [row_of(order, number) for number, order in enumerate(orders, 1)]
    rows += [return_of(order, ORDERS + number) for number, order in enumerate(orders[:3], 1)]
    (Path(files["in"]) / "day.xml").write_bytes(statement(rows, opening=OPENING))
    kill_often(files, takes, "import_bank_file")
    run_to_its_end(files, "import_bank_file")
    # Those who were killed hold their claims for a minute.
    BankOrder.objects.update(claimed_until="2026-01-01T00:00Z")
    finish_what_waits()
    assert BankFile.objects.filter(direction="in").count() == 1
    assert EntryOutcome.objects.count() == ORDERS + 3
    assert BankOrder.objects.filter(state=OrderState.SETTLED).count() == ORDERS - 3
    assert available(alice) == 500_00 - 30_00
    assert case_kinds() == []
    assert reconcile_bank().is_right
    prove_the_books()
