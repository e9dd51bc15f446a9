"""Keys turn over on a filled database: nothing is lost, and the old key may go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import CharField, JSONField, TextField
from django.db.models.functions import Cast
from django.test import Client

from accounts.approvals.errors import Changed
from accounts.approvals.models import Proposal
from accounts.approvals.services import approve
from accounts.cases.models import Case
from accounts.changes.models import Change
from accounts.changes.services import undo_change
from accounts.factors.models import Authenticator
from accounts.factors.removing import switch_off
from accounts.factors.services import enrol_authenticator
from accounts.identity import vault
from accounts.identity.checking import check_person, forget_subjects
from accounts.identity.errors import IdentityNotConfirmed, IdentityTaken
from accounts.identity.models import Identity, IdentityCheck
from accounts.identity.rotation import list_encrypted
from accounts.identity.selectors import full_name
from accounts.payment_password.services import change_payment_password, check_payment_password
from accounts.signin.tests.doors import sign_in_staff
from accounts.signup.tests.steps import Opening
from accounts.users.models import User
from payments.banking.models import LinkedCard
from payments.banking.reconciliation.models import StatementEntry
from payments.banking.reconciliation.tests.conftest import card, files  # noqa: F401
from payments.banking.selectors import find_card_holder
from payments.banking.services.cards import card_indexes
from payments.records.tests.builders import composed
from payments.safety.models import FreezeCode
from payments.safety.services import freeze_by_code, make_freeze_code
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    make_customer,
    make_id_number,
    make_staff,
    prove_the_books,
    read_code,
    wallet_with,
)
from tests.doors import signed_in
from tests.filled import leave_traces

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]

NEW_FIELD_KEY = "a-field-key-that-was-made-today-0123456789abcdef"
NEW_INDEX_KEY = "an-index-key-that-was-made-today-0123456789abcde"
NEW_PIN_KEY = "a-newer-key-of-payment-passwords-0123456789ab"
NEW_PHONE = "+8613900139027"
SEALED_BY_THE_CASE = {"subject_sealed", "text_sealed"}


@pytest.fixture
def filled(alice: User, card: LinkedCard) -> User:  # noqa: F811
    """alice, who has left something in every encrypted column."""
    leave_traces(alice, card)
    return alice


def rotate(*arguments: str) -> str:
    """What the command says; raises CommandError when an older key is still needed."""
    said = StringIO()
    call_command("rotate_keys", *arguments, stdout=said, stderr=said)
    return said.getvalue()


def new_keys(settings: Any) -> None:
    """New keys in front, the old ones still accepted."""
    settings.FIELD_KEYS = [NEW_FIELD_KEY, *settings.FIELD_KEYS]
    settings.OLD_INDEX_KEYS = [settings.INDEX_KEY]
    settings.INDEX_KEY = NEW_INDEX_KEY


def drop_old_keys(settings: Any) -> None:
    """The new keys alone."""
    settings.FIELD_KEYS, settings.OLD_INDEX_KEYS = [NEW_FIELD_KEY], []


def tokens_by_column() -> dict[tuple[str, str], list[str]]:
    """Every value in the database that the vault wrote, wherever it stands, also inside of JSON."""
    found: dict[tuple[str, str], list[str]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, TextField | CharField | JSONField):
                values = model._base_manager.annotate(as_text=Cast(field.name, TextField()))
                holding = values.filter(as_text__contains="gAAAA").values_list("as_text", flat=True)
                texts = list(holding)
                if texts:
                    found[model._meta.label, field.name] = texts
    return found


def test_every_encrypted_column_is_registered(filled: User) -> None:
    registered = {(each.model, each.column) for each in list_encrypted()}
    written = {key for key in tokens_by_column() if key[1] not in SEALED_BY_THE_CASE}
    named = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, TextField) and field.name.endswith(("_encrypted", "_token", "secret"))
    }
    assert named == registered
    # None is left out of the tests below for want of a row.
    assert written == registered


def test_every_blind_index_is_worked_out_anew() -> None:
    """What is found by an index is worked out from a token beside it, else it could not turn."""
    turned = {f"{each.model}.{index}" for each in list_encrypted() for index in each.indexes}
    named = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, CharField) and field.name.endswith("_index")
    }
    assert named == turned


def test_keys_turn_over_on_a_filled_database(filled: User, settings: Any) -> None:
    code = make_freeze_code(user=filled)
    number = vault.decrypt(Identity.objects.get(user=filled).id_number_encrypted)
    digits = vault.decrypt(LinkedCard.objects.get(owner=filled).number_token)
    new_keys(settings)
    with pytest.raises(CommandError, match="still need an older key"):
        rotate("--check")
    # Until it is done, both keys find what is there.
    with pytest.raises(IdentityTaken):
        make_customer("陈思远", id_number=number)
    assert find_card_holder(card_indexes(digits))

    rotate()
    assert "0 written anew" in rotate("--check")
    assert freeze_by_code(typed=code, address="192.0.2.7") == filled
    drop_old_keys(settings)
    assert "No encrypted column" in rotate("--check")
    for column, tokens in tokens_by_column().items():
        if column[1] not in SEALED_BY_THE_CASE:
            assert all(vault.renewed(token) is None for token in tokens), column
    assert full_name(filled) == "陈思远"
    assert Case.objects.get(user=filled).subject == "A question"
    with pytest.raises(IdentityTaken):
        make_customer("陈思远", id_number=number)
    assert find_card_holder(card_indexes(digits))
    assert FreezeCode.objects.filter(owner=filled).exists()
    prove_the_books()


def test_a_run_that_was_killed_goes_on_where_it_stopped(
    filled: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_keys(settings)
    real, left = vault.renewed, iter(range(5))

    def renewed_until_killed(token: str) -> str | None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(token)

    with monkeypatch.context() as patch:
        patch.setattr(vault, "renewed", renewed_until_killed)
        with pytest.raises(KeyboardInterrupt):
            rotate()
    with pytest.raises(CommandError):
        rotate("--check")
    rotate()
    drop_old_keys(settings)
    rotate("--check")


def test_a_change_that_comes_between_wins(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_keys(settings)
    changed = iter([vault.encrypt("陈新名")])
    after_reading(monkeypatch, lambda: next(changed, None), alice)
    rotate()
    drop_old_keys(settings)
    assert full_name(alice) == "陈新名"


def after_reading(
    monkeypatch: pytest.MonkeyPatch, name: Callable[[], str | None], user: User
) -> None:
    """Somebody writes another name between the reading of a row and its writing."""
    real = vault.renewed

    def renewed(token: str) -> str | None:
        found = real(token)
        if Identity.objects.get(user=user).name_encrypted == token and (newer := name()):
            Identity.objects.filter(user=user).update(name_encrypted=newer)
        return found

    monkeypatch.setattr(vault, "renewed", renewed)


def test_a_lost_key_is_said_and_nothing_is_overwritten(alice: User, settings: Any) -> None:
    before = Identity.objects.get(user=alice).name_encrypted
    settings.FIELD_KEYS = [NEW_FIELD_KEY]
    with pytest.raises(CommandError):
        rotate()
    assert Identity.objects.get(user=alice).name_encrypted == before


def test_a_row_of_a_statement_still_refuses_every_other_change(filled: User) -> None:
    entry = StatementEntry.objects.exclude(details_token="").first()
    assert entry is not None
    with pytest.raises(Exception, match="append-only"):
        StatementEntry.objects.filter(pk=entry.pk).update(amount_minor=1)


def test_a_proposal_outlives_its_key_and_keeps_no_number_once_it_is_decided(
    filled: User, settings: Any
) -> None:
    proposal = Proposal.objects.get()
    lead = make_staff("Support lead")
    browser = Client(headers={"accept-language": "en"})
    sign_in_staff(browser, lead)
    page, number = f"/admin/approvals/{proposal.public_id}/", proposal.phone
    new_keys(settings)
    rotate()
    drop_old_keys(settings)
    shown = browser.get(page)
    assert shown.status_code == 200 and number[-4:] in shown.content.decode()
    approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    assert str(User.objects.get(pk=filled.pk).phone) == number
    proposal.refresh_from_db()
    assert proposal.phone_encrypted == "" and proposal.phone == ""
    assert browser.get(page).status_code == 200


def test_a_proposal_under_a_lost_key_is_shown_and_refused(filled: User, settings: Any) -> None:
    proposal = Proposal.objects.get()
    lead = make_staff("Support lead")
    browser = Client(headers={"accept-language": "en"})
    keys, settings.FIELD_KEYS = settings.FIELD_KEYS, [NEW_FIELD_KEY]
    Proposal.objects.update(phone_encrypted=vault.encrypt(f"{NEW_PHONE} x"))
    settings.FIELD_KEYS = keys
    sign_in_staff(browser, lead)
    shown = browser.get(f"/admin/approvals/{proposal.public_id}/")
    assert shown.status_code == 200 and "cannot be read any more" in shown.content.decode()
    with pytest.raises(Changed):
        approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)


def test_payment_passwords_turn_over_when_they_are_used(alice: User, settings: Any) -> None:
    settings.PAYMENT_PASSWORD_KEYS = [NEW_PIN_KEY, *settings.PAYMENT_PASSWORD_KEYS]
    # The command itself has done what it can.
    assert "older key: 1 in use" in rotate()
    with pytest.raises(CommandError, match="1 rows still need"):
        rotate("--check")
    check_payment_password(user=alice, raw=PAYMENT_PASSWORD)
    assert "older key: 0 in use" in rotate("--check")


def test_wallets_being_opened_are_counted_and_lose_nothing_but_the_password(
    settings: Any,
) -> None:
    opening = Opening().up_to_code()
    settings.PAYMENT_PASSWORD_KEYS = [NEW_PIN_KEY, *settings.PAYMENT_PASSWORD_KEYS]
    with pytest.raises(CommandError, match="1 rows still need"):
        rotate("--check")
    settings.PAYMENT_PASSWORD_KEYS = [NEW_PIN_KEY]
    assert "0 of wallets being opened" in rotate("--check")
    # Asked for again, instead of making somebody who could never pay.
    assert opening.type_code()["Location"] == "/open/"
    assert opening.client.get("/open/")["Location"] == "/open/passwords/"
    assert opening.set_passwords().status_code == 302
    assert opening.type_code()["Location"] == "/opened/"


def test_payment_passwords_after_their_key_is_dropped_change_reset_and_pay(
    alice: User, bob: User, settings: Any
) -> None:
    """alice has paid since the key turned, and has used another before; bob has not paid."""
    change_payment_password(user=alice, old=PAYMENT_PASSWORD, new=OTHER_PAYMENT_PASSWORD)
    wallet_with(alice, "50.00")
    wallet_with(bob, "50.00")
    old = settings.PAYMENT_PASSWORD_KEYS
    settings.PAYMENT_PASSWORD_KEYS = [NEW_PIN_KEY, *old]
    check_payment_password(user=alice, raw=OTHER_PAYMENT_PASSWORD)
    settings.PAYMENT_PASSWORD_KEYS = [NEW_PIN_KEY]
    with pytest.raises(CommandError, match="1 rows still need"):
        rotate("--check")

    hers = signed_in(alice)
    hers.post("/step-up/", {"password": LOGIN_PASSWORD})
    changed = {
        "old": OTHER_PAYMENT_PASSWORD,
        "payment_password": "648917",
        "payment_password_again": "648917",
    }
    assert hers.post("/security/payment-password/", changed).status_code == 302
    pay(hers, "648917", bob)

    his = signed_in(bob)
    his.post("/step-up/", {"password": LOGIN_PASSWORD})
    refused = his.post("/security/payment-password/", {**changed, "old": PAYMENT_PASSWORD})
    assert refused.status_code == 422
    assert "can no longer be checked" in refused.content.decode()
    assert "can no longer be checked" in his.get("/security/").content.decode()
    number = vault.decrypt(Identity.objects.get(user=bob).id_number_encrypted)
    proof = {"login_password": LOGIN_PASSWORD, "id_digits": number[-6:]}
    paying = f"/pay/{composed(bob, alice, '1.00').public_id}/authorise/"
    stopped = his.get(paying)
    assert stopped["Location"].startswith("/locked/payment/")
    assert "can no longer be checked" in his.get(stopped["Location"]).content.decode()
    assert his.post(paying, {"payment_password": PAYMENT_PASSWORD}).status_code == 302
    start = "/recover/payment/"
    assert his.post(start, proof)["Location"] == f"{start}code/"
    code = {"code": read_code(str(bob.phone))}
    assert his.post(f"{start}code/", code)["Location"] == f"{start}new/"
    new = {"payment_password": "518273", "payment_password_again": "518273"}
    assert his.post(f"{start}new/", new).status_code == 302
    assert "0 in use" in rotate("--check")
    pay(his, "518273", alice)
    prove_the_books()


def pay(browser: Client, pin: str, to: User) -> None:
    """One yuan, as a person would."""
    payer = User.objects.get(pk=browser.session["_auth_user_id"])
    page = f"/pay/{composed(payer, to, '1.00').public_id}/"
    answer = browser.post(f"{page}authorise/", {"payment_password": pin})
    assert answer["Location"] == page


def test_whom_an_identity_check_was_about_is_forgotten(settings: Any) -> None:
    with pytest.raises(IdentityNotConfirmed):
        check_person(name="陈思远", id_number=make_id_number(serial="001"))
    assert forget_subjects() == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        assert forget_subjects() == 1
        assert IdentityCheck.objects.get().subject_hash == ""
        assert forget_subjects() == 0
        # A check that was just made is forgotten with the index key.
        with pytest.raises(IdentityNotConfirmed):
            check_person(name="陈思远", id_number=make_id_number(serial="001"))
        new_keys(settings)
        assert "Identity checks: 1 no longer say" in rotate()
        assert not IdentityCheck.objects.exclude(subject_hash="").exists()
    # Blanking is all that may be done to such a row.
    for change in ({"answer": "match"}, {"subject_hash": "a" * 64}):
        with pytest.raises(Exception, match="append-only"):
            IdentityCheck.objects.update(**change)


def test_what_was_taken_away_before_can_be_put_back_after(alice: User, settings: Any) -> None:
    enrol_authenticator(user=alice)
    before = Authenticator.objects.get(user=alice).key()
    switch_off(user=alice)
    new_keys(settings)
    rotate()
    drop_old_keys(settings)
    undo_change(change=Change.objects.get(user=alice, kind="two_factor.off"))
    assert Authenticator.objects.get(user=alice).key() == before
