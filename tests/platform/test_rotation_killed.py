"""The command as production runs it: in a process of its own, killed in the middle, beside a site
that goes on writing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from accounts.identity import vault
from accounts.identity.models import Identity
from accounts.identity.selectors import full_name, id_digits_match
from accounts.users.models import User
from payments.banking.models import LinkedCard
from payments.banking.reconciliation.tests.conftest import card, files  # noqa: F401
from tests.cast import make_customer, make_id_number, prove_the_books
from tests.doors import signed_in
from tests.filled import leave_traces
from tests.platform.test_key_rotation import drop_old_keys, new_keys

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]

ROOT = Path(__file__).resolve().parent.parent.parent
PEOPLE = 1_200


@pytest.fixture
def filled(alice: User, card: LinkedCard) -> User:  # noqa: F811
    """alice with something in every encrypted column, among more than a thousand with names."""
    leave_traces(alice, card)
    people = User.objects.bulk_create(
        User(phone=f"+861370000{number:04d}", password="!") for number in range(PEOPLE)
    )
    # One token for all: what is written anew differs from row to row.
    name = vault.encrypt("王小留")
    Identity.objects.bulk_create(
        Identity(
            user=person,
            name_encrypted=name,
            id_number_encrypted=vault.encrypt(number := f"{person.pk:018d}"),
            id_number_index=vault.blind_index(number),
        )
        for person in people
    )
    return alice


def start_command(settings: Any, *arguments: str) -> subprocess.Popen[str]:
    """`manage.py rotate_keys` with the keys as they are in the settings now."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "rotate_keys", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "WALLET_TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
            "WALLET_FIELD_KEYS": ",".join(settings.FIELD_KEYS),
            "WALLET_INDEX_KEY": ",".join([settings.INDEX_KEY, *settings.OLD_INDEX_KEYS]),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_command(settings: Any, *arguments: str) -> str:
    """What it says; fails the test when it ends otherwise than with 0."""
    done = start_command(settings, *arguments)
    said, _nothing = done.communicate(timeout=300)
    assert done.returncode == 0, said
    return said


def count_new() -> int:
    """Names that the newest key opens."""
    tokens = Identity.objects.values_list("name_encrypted", flat=True)
    return sum(vault.renewed(token) is None for token in tokens.iterator())


def kill_in_the_middle(settings: Any) -> int:
    """Kill the command once it has written some names, not all; how many are new then."""
    before = count_new()
    command = start_command(settings)
    try:
        until = time.monotonic() + 120
        while count_new() == before and command.poll() is None:
            assert time.monotonic() < until, "it wrote nothing in time"
    finally:
        command.kill()
        command.communicate()
    return count_new()


def test_killed_again_and_again_it_loses_nothing_and_ends(filled: User, settings: Any) -> None:
    number = make_id_number()
    late = make_customer("陈思进", id_number=number)
    new_keys(settings)
    first = kill_in_the_middle(settings)
    assert 0 < first < PEOPLE
    second = kill_in_the_middle(settings)
    assert first < second
    assert full_name(late) == "陈思进"
    said = run_command(settings)
    assert "No encrypted column" in said
    assert "0 written anew" in run_command(settings, "--check")
    drop_old_keys(settings)
    assert "No encrypted column" in run_command(settings, "--check")
    assert count_new() == Identity.objects.count()
    assert id_digits_match(late, number[-6:])
    prove_the_books()


def test_it_runs_while_people_are_served(filled: User, bob: User, settings: Any) -> None:
    new_keys(settings)
    ended, mistakes = threading.Event(), []
    newcomers: list[User] = []

    def serve() -> None:
        try:
            for number in range(1_000):
                if ended.is_set():
                    break
                newcomers.append(make_customer("赵小新"))
                page = browser.get("/me/")
                assert page.status_code == 200
                assert "林*" in page.content.decode(), number
        except Exception as mistake:
            mistakes.append(mistake)
        finally:
            connections.close_all()

    browser: Client = signed_in(bob)
    site = threading.Thread(target=serve)
    site.start()
    try:
        run_command(settings)
    finally:
        ended.set()
        site.join()
    assert not mistakes
    assert len(newcomers) > 3
    drop_old_keys(settings)
    call_command("rotate_keys", "--check")
    assert {full_name(each) for each in newcomers} == {"赵小新"}
