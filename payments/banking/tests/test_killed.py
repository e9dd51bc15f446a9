"""Workers in processes of their own, really killed, at moments that nobody chose."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from accounts.users.models import User
from ledger.selectors import get_balance
from payments.banking.books import clearing_account_id, payouts_account_id
from payments.banking.clearing import advance_order
from payments.banking.models import BankOrder, BankReturn, SandboxBankOrder
from payments.banking.states import OPEN_STATES, OrderKind, OrderState
from payments.banking.tests.builders import authorised, link_card, withdrawn
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import prove_the_books, wallet_with
from walletsite.children import dies_with_parent

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.serial,
    pytest.mark.usefixtures("phones"),
]
ROOT = Path(__file__).resolve().parents[3]
KILLS = 4
# Takes everything as due and free, all the time: no worker leaves another one in peace.
WORKER = """
from django.utils import timezone
from payments.banking.models import BankOrder
from payments.banking.tasks import advance_bank_orders
print("at work", flush=True)
while True:
    BankOrder.objects.update(next_at=timezone.now(), claimed_until=timezone.now())
    advance_bank_orders()
"""
# What the sandbox bank does with them: docs/how-to/sandbox-bank.md.
ENDINGS = (0, 68, 92, 54, 94, 70, 75, 78)


def start_worker() -> subprocess.Popen[bytes]:
    """A worker on the database of this test, with a bank that decides and sends back at once."""
    child = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", WORKER],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "SANDBOX_SETTLES_AFTER_SECONDS": "0",
            "SANDBOX_RETURNS_AFTER_SECONDS": "0",
            "WALLET_TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=dies_with_parent(signal.SIGKILL),
    )
    assert child.stdout is not None
    while b"at work" not in (line := child.stdout.readline()):
        assert line, "the worker did not start"
    return child


def test_killed_workers_leave_what_undisturbed_ones_leave(alice: User) -> None:
    wallet_with(alice, "1000.00")
    card = link_card(alice)
    for ending in ENDINGS:
        withdrawn(alice, card, 20_00 + ending)
        authorised(alice, card, 10_00 + ending)
    for _kill in range(KILLS):
        workers = [start_worker() for _worker in range(2)]
        time.sleep(random.uniform(0.02, 0.4))
        for worker in workers:
            worker.send_signal(signal.SIGKILL)
            worker.communicate(timeout=30)
    SandboxBankOrder.objects.update(decides_at=timezone.now(), silent_until=None)
    SandboxBankOrder.objects.exclude(returns_at=None).update(returns_at=timezone.now())
    for _turn in range(6):
        for order_id in BankOrder.objects.values_list("pk", flat=True):
            BankOrder.objects.update(next_at=timezone.now(), claimed_until=timezone.now())
            advance_order(order_id=order_id)

    assert not BankOrder.objects.filter(state__in=OPEN_STATES).exists()
    assert not Payment.objects.filter(state=PaymentState.PROCESSING).exists()
    assert SandboxBankOrder.objects.count() == BankOrder.objects.count() == 2 * len(ENDINGS)
    came, went = (
        sum(
            BankOrder.objects.filter(kind=kind, state=OrderState.SETTLED).values_list(
                "amount_minor", flat=True
            )
        )
        for kind in (OrderKind.COLLECT, OrderKind.PAY_OUT)
    )
    # One card is closed, and one withdrawal came back.
    kept = [ending for ending in ENDINGS if ending != 54]
    assert came == sum(10_00 + ending for ending in kept)
    assert went == sum(20_00 + ending for ending in kept if ending != 78)
    assert BankReturn.objects.count() == 1
    expected = 1_000_00 + came - went
    balance = wallet_balance(get_wallet_for(alice))
    assert (balance.posted_minor, balance.available_minor) == (expected, expected)
    assert get_balance(clearing_account_id("CNY")).posted_minor == expected
    assert get_balance(payouts_account_id("CNY")).posted_minor == 0
    prove_the_books()
