"""Questions for the support desk: from real records, with answers that could as well be right."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.users.models import User
from payments.banking.tests.builders import link_card
from payments.processing.services import confirm_payment
from payments.records.questions import questions_about
from payments.transfers.services import compose_transfer
from tests.cast import PAYMENT_PASSWORD, prove_the_books, wallet_with

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


def test_what_is_asked_is_true_and_says_nothing_of_the_balance(alice: User, bob: User) -> None:
    assert questions_about(bob) == []
    wallet_with(bob)
    wallet_with(alice, "812.35")
    card = link_card(alice)
    payment = compose_transfer(
        user=alice, payee_text=str(bob.phone), amount_text="41.20", note="", compose_key=uuid4()
    )
    confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)
    asked = {question.key: question for question in questions_about(alice)}
    assert set(asked) == {"last.transfer", "card"}
    assert "41.20" in asked["last.transfer"].right
    assert asked["card"].right == card.last4
    for question in asked.values():
        assert len({question.right, *question.wrong}) == 4
        assert not any("812.35" in choice or "771.15" in choice for choice in question.wrong)
    prove_the_books()
