"""What staff write about a customer is kept without the numbers of people."""

from __future__ import annotations

import pytest
from django.forms import Form

from accounts.approvals.forms import DecideForm
from accounts.security.looking import LookForm
from accounts.security.reasons import BLANK, ReasonField, without_numbers
from accounts.support.forms import ReasonForm
from payments.adjustments.views import AdjustmentForm
from payments.banking.cases import forms as bank_cases
from payments.banking.reconciliation import forms as reconciliation
from payments.banking.tests.builders import card_number
from payments.granting import forms as granting
from payments.safety.admin import BankFreezeForm, LiftReasonForm
from tests.cast import make_id_number


@pytest.mark.parametrize(
    "typed", ["13800136027", "+86 138 0013 6027", "0086-138-0013-6027", "+447911123456"]
)
def test_a_phone_number_is_taken_out(typed: str) -> None:
    assert without_numbers(f"called from {typed}, as agreed") == f"called from {BLANK}, as agreed"


def test_id_and_card_numbers_are_taken_out() -> None:
    number, card = make_id_number(), card_number()
    spaced = " ".join(card[at : at + 4] for at in range(0, len(card), 4))
    assert (
        without_numbers(f"{number} {number[:6]} {number[6:14]} {number[14:]}") == f"{BLANK} {BLANK}"
    )
    assert without_numbers(f"card {card} or {spaced}.") == f"card {BLANK} or {BLANK}."


def test_references_amounts_and_times_stay() -> None:
    text = "case 4KQ7-92XM, 1,200.00 of 2026-11-30 10:15, order W20261130200, 310101199003071233"
    assert without_numbers(text) == text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (ReasonForm, "reason"),
        (DecideForm, "reason"),
        (LookForm, "look_reason"),
        (AdjustmentForm, "reason"),
        (BankFreezeForm, "reason"),
        (LiftReasonForm, "reason"),
        (granting.GrantLimitsForm, "reason"),
        (granting.ClassOneForm, "reason"),
        (bank_cases.CaseStepForm, "text"),
        (reconciliation.CaseForm, "text"),
    ],
)
def test_every_form_of_staff_keeps_its_words_without_them(form: type[Form], field: str) -> None:
    assert isinstance(form.base_fields[field], ReasonField)
