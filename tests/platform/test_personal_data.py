"""Whatever is kept of a person has an end, written down, and it comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.closing.models import FormerCustomer
from accounts.closing.personal import (
    Ends,
    columns_of,
    empty_values,
    forget_late,
    is_filled,
    list_personal,
    rows_of,
)
from accounts.identity import vault
from accounts.identity.models import Identity
from accounts.identity.rotation import list_encrypted
from accounts.security.keyed import keyed_hash
from accounts.users.models import User
from payments.banking.models import LinkedCard
from payments.banking.reconciliation.tests.conftest import card, files  # noqa: F401
from payments.banking.services.cards import card_indexes
from payments.closing import services as closing
from payments.closing.models import WalletClosing
from payments.processing.models import Payment
from payments.processing.tests.people import compose, confirm, money_of
from payments.transfers.batch.tasks import run_batches
from payments.transfers.batch.tests.builders import authorised
from payments.transfers.standing_orders.changing import cancel_order
from payments.transfers.standing_orders.tests.orders import in_force
from payments.transfers.unclaimed.services import return_overdue
from payments.transfers.unclaimed.tests.builders import waiting
from payments.wallets.services import set_wallet_class
from tests.cast import PAYMENT_PASSWORD, make_phone, prove_the_books, wallet_with
from tests.filled import leave_traces
from walletsite.celery import app

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]

TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
TEXTS += (models.GenericIPAddressField, models.FileField)
# Columns of text that say nothing about anybody: numbers and states of ours, hashes of random
# secrets, names of providers, the bank's own references. Whoever adds a column decides.
PLAIN = {
    "accounts.Proposal": "kind digest",
    "accounts.AuditRecord": "digest",
    "accounts.Case": "number language",
    "accounts.CaseChange": "state_before",
    "accounts.SecurityEvent": "kind",
    "accounts.Tries": "scope",
    "accounts.ThrottledAct": "action times",
    "accounts.UserSession": "ended_why",
    "accounts.Change": "number kind",
    "accounts.FormerCustomer": "level caution_why",
    "accounts.Passkey": "transports aaguid",
    "accounts.UsedPasskeyChallenge": "nonce",
    "accounts.HelperCode": "code_hash",
    "accounts.GuidedView": "at_page",
    "accounts.IdentityCheck": "what checker answer",
    "accounts.PaymentPassword": "key_id",
    "accounts.UsedPaymentPassword": "key_id",
    "accounts.PaymentPasswordReset": "session_hash",
    "accounts.Challenge": "purpose asker session_hash",
    "accounts.SmsCode": "purpose asker message locale provider_reference provider",
    "accounts.SendGate": "scope wrong_times",
    "accounts.DemoMessage": "idempotency_key",
    "accounts.SmsAttempt": "provider",
    "accounts.SmsResult": "provider reason reference",
    "accounts.SmsReceipt": "provider reference idempotency_key reason",
    "accounts.SmsProvider": "name reason",
    "accounts.SmsTally": "provider outcome",
    "accounts.PhoneChange": "session_hash",
    "accounts.Application": "session_hash payment_password_key_id",
    "accounts.User": "locale time_zone",
    "payments.PaymentCase": "currency",
    "payments.BankOrder": "reference currency reason bank_reference",
    "payments.BankReturn": "reason",
    "payments.SandboxBankOrder": "reference bank_reference direction card_last4 currency refusal "
    "trick",
    "payments.BankFile": "kind name sha256 message_id fault fault_place",
    "payments.FileOrder": "reference direction last4 clearing_code currency reason bank_reference",
    "payments.FileOrderStep": "said reason",
    "payments.ReconciliationCase": "key currency facts",
    "payments.SandboxMovement": "bank_reference end_to_end_id direction currency reason",
    "payments.BankStatement": "kind account identification currency content_digest",
    "payments.StatementEntry": "currency return_reason end_to_end_id bank_reference",
    "payments.EntryOutcome": "kind",
    "payments.Payment": "reference kind currency failure_code failure_params",
    "payments.PaymentTally": "kind state code",
    "payments.SecondProof": "subject_kind digest reasons",
    "payments.FreezeCode": "code_hash",
    "payments.LiftWalk": "session_hash",
    "payments.TransferBatch": "content_hash currency",
    "payments.BatchLine": "failure_code",
    "payments.TransferNotice": "key code currency",
    "payments.StandingOrder": "currency zone",
    "payments.StandingRun": "reason",
    "payments.Wallet": "number currency",
    "ledger.LedgerAccount": "code currency",
    "ledger.JournalEntry": "key input_digest event",
    "ledger.Hold": "key input_digest",
    "ledger.HoldResolution": "key",
    "ledger.SealedBlock": "chain_digest",
    "ledger.VerificationRun": "head",
    "auth.Permission": "name codename",
    "auth.Group": "name",
    "contenttypes.ContentType": "app_label model",
    "admin.LogEntry": "object_id",
}
# Tables of packages that are switched off.
UNUSED = {"otp_totp.TOTPDevice", "axes.AccessFailureLog", "axes.AccessLog"}


def text_columns() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, TEXTS) and not field.choices:
                yield model, field.name


def test_every_column_of_text_is_personal_with_an_end_or_plain() -> None:
    plain = {f"{label}.{name}" for label, names in PLAIN.items() for name in names.split()}
    personal = columns_of(list_personal())
    found = {f"{model._meta.label}.{name}" for model, name in text_columns()}
    unused = {name for name in found if name.rpartition(".")[0] in UNUSED}
    assert found - unused == plain | personal
    assert not plain & personal
    for each in list_encrypted():
        assert str(each) in personal
        assert {f"{each.model}.{index}" for index in each.indexes} <= personal


def test_every_end_is_one_that_comes() -> None:
    for row in list_personal():
        if row.ends in (Ends.CLOSING, Ends.RETENTION):
            assert row.of and not row.how, row
        elif row.ends == Ends.TIME:
            assert row.since, row
        elif row.ends == Ends.SWEEP:
            assert row.how in settings.SWEEPS, row
        else:
            assert row.how, row
        # Look-ups and columns are there.
        assert rows_of(row, 0).count() == 0
        assert not apps.get_model(row.model)._base_manager.filter(is_filled(row), pk=0)
        assert set(empty_values(row)) == set(row.columns)


@pytest.fixture
def leaver(alice: User, bob: User, card: LinkedCard) -> User:  # noqa: F811
    """alice, who has left something everywhere, has done with bob whatever two people can do, and
    has nothing left."""
    wallet = wallet_with(alice)
    set_wallet_class(wallet=wallet, wallet_class="I")
    wallet_with(bob, "90.00")
    leave_traces(alice, card)
    for payer, payee, note in ((alice, bob, "from alice"), (bob, alice, "from bob")):
        confirm(compose(payer, payee, "1.00", note=note))
        cancel_order(order=in_force(payer, payee, note=note))
        authorised(payer, f"payee,amount,note,name\n{payee.phone},1.00,{note},\n")
    run_batches()
    waiting(alice, "2.00", make_phone())
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        return_overdue()
    minor = money_of(alice)
    confirm(compose(alice, bob, f"{minor // 100}.{minor % 100:02d}"))
    return alice


def secrets_of(person: User, card_digits: str) -> dict[str, str]:
    """What tells who somebody is, and what it is found by."""
    identity = Identity.objects.get(user=person)
    number, phone = vault.decrypt(identity.id_number_encrypted), str(person.phone)
    return {
        "name": vault.decrypt(identity.name_encrypted),
        "ID number": number,
        "phone": phone.removeprefix("+86"),
        "card number": card_digits,
        "index of the ID number": vault.blind_index(number),
        "index of the phone": vault.blind_index(phone),
        "index of the card": card_indexes(card_digits)[0],
        "hash of the phone": keyed_hash(purpose="change_told", text=phone),
        "hash of the checked number": keyed_hash(purpose="identity_check|card", text=card_digits),
        "words": "from alice",
    }


def found_in_the_database(secrets: dict[str, str]) -> dict[str, set[str]]:
    """Kind -> columns that hold it, in clear or encrypted."""
    found: dict[str, set[str]] = {}
    for model, name in text_columns():
        for value in model._base_manager.values_list(name, flat=True).iterator():
            text = str(value)
            if "gAAAA" in text:
                try:
                    text = vault.decrypt(text)
                except InvalidToken:
                    continue
            for kind, secret in secrets.items():
                if secret in text:
                    found.setdefault(kind, set()).add(f"{model._meta.label}.{name}")
    return found


def run_every_sweep() -> None:
    app.loader.import_default_modules()
    for name in settings.SWEEPS:
        if not name.startswith("ledger."):
            app.tasks[name].run()


def close(person: User) -> None:
    closing.ask_to_close(
        user=person, raw_payment_password=PAYMENT_PASSWORD, session=None, address=""
    )
    WalletClosing.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    assert closing.close_due() == 1


def test_everything_that_ends_is_gone_in_the_end(leaver: User, bob: User) -> None:
    digits = vault.decrypt(LinkedCard.objects.get(owner=leaver).number_token)
    secrets = secrets_of(leaver, digits)
    before = found_in_the_database(secrets)
    close(leaver)
    kept = found_in_the_database(secrets)
    # Each of them can be found here, so that not finding it later says something.
    assert before.keys() | kept.keys() == secrets.keys()
    for row in list_personal():
        if row.ends == Ends.CLOSING and row.model != "accounts.User":
            assert not rows_of(row, leaver.pk).filter(is_filled(row)), row
    assert not User.objects.filter(phone__contains=secrets["phone"])
    # Kept for as long as the law asks, and found by nobody who has not the keys.
    assert "accounts.FormerCustomer.name_encrypted" in kept["name"]

    with time_machine.travel(
        FormerCustomer.objects.get(user=leaver).keep_until + timedelta(days=1)
    ):
        run_every_sweep()
        assert found_in_the_database(secrets) == {}
        for row in list_personal():
            if row.ends == Ends.RETENTION:
                assert not rows_of(row, leaver.pk).filter(is_filled(row)), row
        # The other side's record is theirs.
        mine = Payment.objects.filter(created_by=bob, note="from bob")
        assert mine.exists()
        assert set(mine.values_list("counterparty_label", flat=True)) == {"陈*远"}
    prove_the_books()


def test_what_lies_about_ends_while_its_owner_stays(alice: User, card: LinkedCard) -> None:  # noqa: F811
    leave_traces(alice, card)
    ending = [row for row in list_personal() if row.ends == Ends.TIME and row.days is not None]
    assert {row.model for row in ending} >= {"accounts.PhoneChange", "accounts.NotMeWalk"}
    for row in ending:
        assert apps.get_model(row.model)._base_manager.filter(is_filled(row)), row
    with time_machine.travel(timezone.now() + timedelta(days=32)):
        forget_late()
    for row in ending:
        assert not apps.get_model(row.model)._base_manager.filter(is_filled(row)), row
    assert vault.decrypt(LinkedCard.objects.get(owner=alice).number_token)
