"""Runs inside django-hordak's own venv (see `peer.py`); prints the rates as JSON."""

from __future__ import annotations

import json
import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import django
from django.conf import settings

ACCOUNTS = 1_000


def begin(barrier: Any = None) -> None:
    """Set Django up, without a settings file."""
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "mptt",
            "hordak",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "hordak",
                "HOST": "127.0.0.1",
                "PORT": os.environ["HORDAK_PORT"],
                "USER": "bench",
                "PASSWORD": "bench",
                "CONN_MAX_AGE": None,
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        SECRET_KEY="bench",
        USE_TZ=True,
        DEFAULT_CURRENCY="CNY",
        CURRENCIES=["CNY"],
        HORDAK_CURRENCIES=["CNY"],
        HORDAK_DECIMAL_PLACES=2,
    )
    django.setup()
    globals()["_barrier"] = barrier


def write(seconds: float) -> float:
    """Transfers a second of this process."""
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money

    accounts = list(Account.objects.all())
    one = Money(1, "CNY")
    barrier = globals()["_barrier"]
    if barrier is not None:
        barrier.wait(60)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        payer, payee = random.sample(accounts, 2)
        with transaction.atomic():
            payer.transfer_to(payee, one, description="transfer")
        count += 1
    return count / (time.perf_counter() - start)


def main() -> None:
    """Migrate, open accounts, write with 1 and with 8 processes."""
    begin()
    from django.core.management import call_command
    from hordak.models import Account, AccountType

    call_command("migrate", verbosity=0)
    with Account.objects.disable_mptt_updates():
        Account.objects.bulk_create(
            [
                Account(
                    name=str(n), code=str(n), type=AccountType.liability, currencies=["CNY"],
                    lft=1, rght=2, tree_id=n, level=0,
                )
                for n in range(1, ACCOUNTS + 1)
            ]
        )  # fmt: skip
    rates: dict[int, float] = {}
    context = get_context("spawn")
    for number in (1, 8):
        with context.Manager() as manager:
            barrier = manager.Barrier(number)
            with ProcessPoolExecutor(
                number, mp_context=context, initializer=begin, initargs=(barrier,)
            ) as pool:
                seconds = float(os.environ["HORDAK_SECONDS"])
                futures = [pool.submit(write, seconds) for _ in range(number)]
                rates[number] = sum(future.result() for future in futures)
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
