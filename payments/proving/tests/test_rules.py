"""When a person wants to be asked: more at once, less after fresh proof, and on record."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from accounts.changes.models import Change
from accounts.changes.services import undo_change
from accounts.security.models import SecurityEvent, UserSession
from accounts.security.services import note_fresh_proof
from accounts.users.models import User
from payments.proving.models import ProofRules
from payments.proving.rules import set_rules
from payments.proving.selectors import Rules, rules_of
from payments.proving.tests.people import browser_of
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db
PAGE = "/security/payments/"
SUGGESTED = {"from_amount": "1000.00", "new_payee_over": "500.00", "on_new_devices": "on"}


def test_nothing_is_asked_until_the_suggestion_is_saved(alice: User) -> None:
    browser = browser_of(alice)
    page = browser.get(PAGE).content.decode()
    assert_page_is_clean(page)
    assert "Nothing is asked for yet" in page and 'value="1000.00"' in page
    assert rules_of(alice) == Rules()

    assert browser.post(PAGE, SUGGESTED)["Location"] == PAGE
    assert rules_of(alice) == Rules(1000_00, 500_00, on_new_devices=True)
    assert "Nothing is asked for yet" not in browser.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "less",
    [
        {"from_amount": "1000.01"},
        {"from_amount": ""},
        {"new_payee_over": "501.00"},
        {"new_payee_over": ""},
        {"on_new_devices": ""},
    ],
)
def test_less_protection_asks_for_fresh_proof_and_keeps_what_was_typed(
    alice: User, less: dict[str, str]
) -> None:
    browser = browser_of(alice)
    browser.post(PAGE, SUGGESTED)
    held = rules_of(alice)

    answer = browser.post(PAGE, SUGGESTED | less)
    assert answer["Location"].startswith("/step-up/?next=%2Fsecurity%2Fpayments%2F")
    assert rules_of(alice) == held

    note_fresh_proof(session=UserSession.objects.get(user=alice))
    assert browser.post(PAGE, SUGGESTED | less)["Location"] == PAGE
    assert rules_of(alice) != held
    kinds = SecurityEvent.objects.filter(user=alice, kind__startswith="second_proof")
    assert set(kinds.values_list("kind", flat=True)) == {
        "second_proof.raised",
        "second_proof.lowered",
    }


def test_more_protection_holds_at_once(alice: User) -> None:
    browser = browser_of(alice)
    browser.post(PAGE, SUGGESTED)
    assert browser.post(PAGE, SUGGESTED | {"from_amount": "20"})["Location"] == PAGE
    assert rules_of(alice).from_minor == 20_00


@pytest.mark.parametrize("typed", ["0", "-1", "1e3", "１２", "abc", "9999999999", "0.001"])
def test_what_is_no_amount_changes_nothing(alice: User, typed: str) -> None:
    answer = browser_of(alice).post(PAGE, SUGGESTED | {"from_amount": typed})
    assert answer.status_code == 422 and rules_of(alice) == Rules()


def test_rules_stay_on_record(alice: User) -> None:
    browser_of(alice).post(PAGE, SUGGESTED)
    for act in (
        lambda: ProofRules.objects.update(from_minor=1),
        lambda: ProofRules.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


def test_the_security_centre_links_here(alice: User) -> None:
    assert f'href="{PAGE}"' in browser_of(alice).get("/security/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_less_protection_is_told_and_can_be_taken_back(alice: User) -> None:
    set_rules(user=alice, rules=Rules(100_00, None, on_new_devices=True))
    set_rules(user=alice, rules=Rules())
    change = Change.objects.get(user=alice, kind="second_proof.lowered")
    # What was chosen since, where it protects more, stays.
    set_rules(user=alice, rules=Rules(50_00, 10_00))
    undo_change(change=change)
    assert rules_of(alice) == Rules(50_00, 10_00, on_new_devices=True)


def test_rules_raised_meanwhile_are_not_lowered_by_a_form_that_was_more_before(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments.proving import views

    browser = browser_of(alice)
    # Between what this browser read and what it writes, another one has asked for more.
    before = rules_of(alice)
    set_rules(user=alice, rules=Rules(100_00))
    monkeypatch.setattr(views, "rules_of", lambda _user: before)
    answer = browser.post(PAGE, {"from_amount": "9000.00"})
    assert answer["Location"].startswith("/step-up/")
    assert rules_of(alice) == Rules(100_00)
    assert not Change.objects.exists()
