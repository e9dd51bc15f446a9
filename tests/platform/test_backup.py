"""A backup taken while people pay comes back whole: the same balances, the same ledger head."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.users.models import User
from ledger.selectors import get_balance_sheet
from ledger.services import verify_ledger
from payments.processing.services import confirm_payment
from payments.transfers.services import compose_transfer
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import PAYMENT_PASSWORD, prove_the_books, wallet_with
from tests.limits import PLENTY, with_limits
from tests.platform.installations import empty_installation
from walletsite.backups import inventory, manifest
from walletsite.backups.errors import BackupError
from walletsite.backups.programs import find_program

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> str:
    """What a management command says."""
    said = StringIO()
    call_command(*words, stdout=said, stderr=said)
    return said.getvalue()


def pay(payer: User, payee: User, amount: str = "1.00") -> None:
    payment = compose_transfer(
        user=payer, payee_text=str(payee.phone), amount_text=amount, note="", compose_key=uuid4()
    )
    confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)


@pytest.fixture
def people(alice: User, bob: User) -> tuple[User, User]:
    """Two customers who have paid each other."""
    wallet_with(alice, "200.00")
    wallet_with(bob, "150.00")
    for number in range(3):
        pay(alice, bob, f"{number + 1}.50")
        pay(bob, alice, "0.75")
    return alice, bob


@pytest.fixture
def backup(people: tuple[User, User], tmp_path: Path) -> Path:
    path = tmp_path / "wallet.backup"
    run("backup", str(path))
    return path


def refusal(*words: str) -> str:
    with pytest.raises(CommandError) as refused:
        run(*words)
    return str(refused.value)


def test_a_restored_backup_has_the_same_balances_and_the_same_head(
    people: tuple[User, User], backup: Path
) -> None:
    head, sheet = verify_ledger().head, get_balance_sheet()
    with empty_installation():
        said = run("restore", str(backup))
        assert head in said
        assert (verify_ledger().head, get_balance_sheet()) == (head, sheet)
        alice, bob = (User.objects.get(pk=person.pk) for person in people)
        assert wallet_balance(get_wallet_for(alice)).available_minor == 200_00 - 7_50 + 2_25
        # Not a copy to look at: payments go on in it.
        pay(bob, alice)
        prove_the_books()
    prove_the_books()


def test_a_backup_of_a_restored_wallet_can_be_restored(backup: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.backup"
    with empty_installation():
        run("restore", str(backup))
        run("backup", str(again))
    with empty_installation():
        run("restore", str(again))
        prove_the_books()


def test_a_backup_taken_while_people_pay_is_of_one_moment(
    people: tuple[User, User], tmp_path: Path, settings: Any
) -> None:
    for wallet_class in settings.LIMITS:
        settings.LIMITS = {**settings.LIMITS, wallet_class: dict.fromkeys(settings.LIMITS["I"])}
    with_limits(settings, "payee.known", person=PLENTY)
    stop, counts = threading.Event(), [0, 0]

    def keep_paying(which: int) -> None:
        try:
            while not stop.is_set():
                pay(people[which], people[1 - which], "0.01")
                counts[which] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=keep_paying, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        paths = [tmp_path / f"{number}.backup" for number in range(3)]
        for path in paths:
            before = sum(counts)
            run("backup", str(path))
            wait_for(lambda before=before: sum(counts) > before)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    with empty_installation():
        run("restore", str(paths[1]))
        assert connection.introspection.table_names()
        assert sum(get_balance_sheet().sums_minor.values()) == 2 * 350_00
        prove_the_books()
    prove_the_books()


def wait_for(is_true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _number in range(600):
        if is_true():
            return
        pause.wait(0.05)
    raise AssertionError("nobody paid")


def test_the_file_is_for_its_owner_alone_and_replaces_nothing(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert sorted(backup.parent.iterdir()) == [backup]
    before = backup.read_bytes()
    assert "exists" in refusal("backup", str(backup))
    assert backup.read_bytes() == before


def test_a_full_disk_leaves_nothing_behind(
    people: tuple[User, User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("walletsite.backups.archive.os.fsync", full)
    assert "No space left" in refusal("backup", str(tmp_path / "wallet.backup"))
    assert list(tmp_path.iterdir()) == []
    assert "No such file" in refusal("backup", str(tmp_path / "nowhere" / "wallet.backup"))


def test_neither_keys_nor_sessions_are_in_it(
    people: tuple[User, User], tmp_path: Path, settings: Any
) -> None:
    Session.objects.create(
        session_key="a-session-key-of-somebody-0001", session_data="x", expire_date=timezone.now()
    )
    path = tmp_path / "wallet.backup"
    run("backup", str(path))
    with ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    for key in (settings.SECRET_KEY, settings.INDEX_KEY, *settings.FIELD_KEYS):
        assert key.encode() not in content
    with empty_installation():
        run("restore", str(path))
        assert not Session.objects.exists()
    assert Session.objects.exists()


def test_without_the_keys_it_says_which_and_changes_nothing(backup: Path, settings: Any) -> None:
    fingerprint = manifest.key_fingerprints()["WALLET_FIELD_KEYS"][0]
    old_keys = settings.FIELD_KEYS
    settings.FIELD_KEYS = ["another key of the same length as it ought to be"]
    with empty_installation():
        said = refusal("restore", str(backup))
        assert "WALLET_FIELD_KEYS" in said and fingerprint in said
        assert connection.introspection.table_names() == []
    # A rotated installation has the old key still: that is enough.
    settings.FIELD_KEYS = [*settings.FIELD_KEYS, *old_keys]
    with empty_installation():
        run("restore", str(backup))


def test_a_file_that_was_cut_off_is_refused(backup: Path) -> None:
    whole = backup.read_bytes()
    with empty_installation():
        for share in (0, 0.01, 0.5, 0.99):
            backup.write_bytes(whole[: int(len(whole) * share)])
            assert "cut off" in refusal("restore", str(backup))
        assert connection.introspection.table_names() == []


def test_a_file_that_was_changed_is_refused(backup: Path) -> None:
    """Also by somebody who knows how it is made, down to the checksums of the ZIP."""
    with ZipFile(backup) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    [copy] = set(parts) - {"manifest.json"}
    content = json.loads(parts["manifest.json"])
    other_copy = parts[copy][:-20] + bytes(20)
    content["payload"]["sha256"] = sha256(other_copy).hexdigest()
    with empty_installation():
        for changed in (
            {copy: other_copy},
            {"manifest.json": json.dumps(content).encode()},
            {copy: other_copy, "manifest.json": json.dumps(content).encode()},
        ):
            with ZipFile(backup, "w") as archive:
                for name, text in {**parts, **changed}.items():
                    archive.writestr(name, text)
            assert "changed after the backup was taken" in refusal("restore", str(backup))
        assert connection.introspection.table_names() == []


def test_every_flipped_byte_is_noticed(backup: Path) -> None:
    whole = backup.read_bytes()
    with empty_installation():
        for place in range(100, len(whole), len(whole) // 9):
            backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            try:
                run("restore", "--drill", str(backup))
            except CommandError:
                continue
            # A byte that says nothing: a time stamp or a name in the ZIP's own headers.
            with ZipFile(backup) as archive:
                assert archive.testzip() is None


@pytest.mark.parametrize("change", ["version", "migrations", "format"])
def test_a_backup_of_another_version_is_refused(
    people: tuple[User, User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = tmp_path / "wallet.backup"
    with monkeypatch.context() as other:
        if change == "version":
            other.setattr(manifest.Manifest, "__init__", _older(manifest.Manifest.__init__))
        elif change == "migrations":
            ours = inventory.applied_migrations()
            other.setattr(inventory, "applied_migrations", lambda: [*ours, "payments.9999_new"])
        else:
            real = manifest.new_manifest
            other.setattr(
                "walletsite.backups.services.new_manifest",
                lambda **values: replace(real(**values), format=2),
            )
        run("backup", str(path))
    with empty_installation():
        said = refusal("restore", str(path))
        assert "version that took it" in said
        assert connection.introspection.table_names() == []


def _older(make: Callable[..., None]) -> Callable[..., None]:
    def older(self: object, **values: object) -> None:
        make(self, **{"version": "0.0.9", **values})

    return older


def test_a_wallet_in_use_is_replaced_only_when_told(
    people: tuple[User, User], backup: Path
) -> None:
    with empty_installation():
        run("restore", str(backup))
        head = verify_ledger().head
        alice, bob = (User.objects.get(pk=person.pk) for person in people)
        pay(alice, bob)
        later = verify_ledger().head
        assert "--replace" in refusal("restore", str(backup))
        assert verify_ledger().head == later
        run("restore", "--replace", str(backup))
        assert verify_ledger().head == head
        prove_the_books()


def test_a_freshly_migrated_installation_counts_as_empty(backup: Path) -> None:
    with empty_installation():
        call_command("migrate", verbosity=0)
        run("restore", str(backup))
        prove_the_books()


def test_what_does_not_equal_the_manifest_is_taken_back(
    people: tuple[User, User], backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_installation():
        call_command("migrate", verbosity=0)
        tables = connection.introspection.table_names()
        monkeypatch.setattr(
            "walletsite.backups.inventory.get_balance_sheet",
            lambda: type(get_balance_sheet())({"liability CNY": 1}, "other"),
        )
        assert "not what was backed up" in refusal("restore", str(backup))
        assert connection.introspection.table_names() == tables
        assert not User.objects.exists()


def test_ctrl_c_during_a_restore_leaves_the_wallet_as_it_was(
    people: tuple[User, User], backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with empty_installation():
        run("restore", str(backup))
        alice, bob = (User.objects.get(pk=person.pk) for person in people)
        pay(alice, bob)
        head = verify_ledger().head
        with monkeypatch.context() as patched:
            patched.setattr("walletsite.backups.proof.take_inventory", interrupted)
            with pytest.raises(KeyboardInterrupt):
                run("restore", "--replace", str(backup))
        assert verify_ledger().head == head
        pay(bob, alice)
        prove_the_books()


def test_a_drill_leaves_nothing_behind(
    people: tuple[User, User], backup: Path, databases: Callable[[], list[str]]
) -> None:
    before, head = databases(), verify_ledger().head
    assert "The drill went well" in run("restore", "--drill", str(backup))
    backup.write_bytes(backup.read_bytes()[:-500])
    refusal("restore", "--drill", str(backup))
    assert databases() == before
    assert verify_ledger().head == head


@pytest.fixture
def databases() -> Callable[[], list[str]]:
    """Names of the databases there are."""

    def names() -> list[str]:
        if connection.vendor == "sqlite":
            folder = Path(str(connection.settings_dict["NAME"])).parent
            return sorted(each.name for each in folder.iterdir() if "drill" in each.name)
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database ORDER BY 1")
            return [row[0] for row in cursor.fetchall()]

    return names


def test_a_folder_keeps_the_newest_ones(people: tuple[User, User], tmp_path: Path) -> None:
    for day in (1, 2, 3):
        (tmp_path / f"wallet-2020010{day}T000000Z.backup").touch()
    (tmp_path / "notes.txt").touch()
    # Left by a backup that was killed days ago.
    left = tmp_path / ".wallet-20200103T000000Z.backup.x1.part"
    left.touch()
    os.utime(left, (0, 0))
    assert "The drill went well" in run("backup", "--keep", "2", "--drill", str(tmp_path))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[:2] == ["notes.txt", "wallet-20200103T000000Z.backup"]
    assert len(names) == 3


@pytest.mark.once
def test_the_programs_of_postgresql_are_found_and_never_too_old() -> None:
    assert find_program("pg_dump", 15)
    with pytest.raises(BackupError, match="postgresql-client-99"):
        find_program("pg_restore", 99)
