"""What is authorised as a whole, a file or a plan, asks for the second proof in the same way."""

from __future__ import annotations

from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.users.models import User
from payments.banking.tests.builders import link_card, prepared_withdrawal
from payments.processing.tests.people import money_of
from payments.proving.models import SecondProof
from payments.proving.tests.people import (
    app_code,
    ask_from,
    at,
    browser_of,
    enrol,
    type_code,
    type_password,
)
from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.tasks import run_batches
from payments.transfers.batch.tests.builders import crowd, rich, text_for
from payments.transfers.services import compose_transfer
from payments.transfers.standing_orders.models import StandingOrder
from payments.transfers.standing_orders.tests.orders import NOW, compose
from tests.cast import PAYMENT_PASSWORD, prove_the_books, wallet_with

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = {"payment_password": PAYMENT_PASSWORD}


def test_a_file_of_transfers_counts_with_its_sum(alice: User) -> None:
    rich(alice, "100.00")
    ask_from(alice, 20_00)
    secret = enrol(alice)
    text = text_for(crowd(2), "10.00").encode()
    browser = browser_of(alice)
    browser.post("/transfer/batch/", {"file": SimpleUploadedFile("pay.csv", text)})
    where = f"/transfer/batch/{TransferBatch.objects.get().public_id}/"

    assert browser.post(where + "prove/", {"code": app_code(secret)})["Location"].endswith(
        "?over=1"
    )
    assert browser.post(where + "authorise/", PASSWORD)["Location"] == where + "prove/"
    page = browser.get(where + "prove/").content.decode()
    assert "2 payees" in page and "20.00" in page
    run_batches()
    assert money_of(alice) == 100_00, "nothing is sent before the proof"
    assert browser.post(where + "prove/", {"code": app_code(secret)})["Location"] == where
    run_batches()
    assert money_of(alice) == 80_00 and SecondProof.objects.get().used_at
    prove_the_books()


def test_a_plan_and_a_higher_amount_of_it(alice: User, bob: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        wallet_with(alice, "100.00")
        wallet_with(bob)
        ask_from(alice, 10_00)
        secret = enrol(alice)
        order = compose(alice, bob, amount="12.50")
        where = f"/transfer/later/{order.public_id}/"
        browser = browser_of(alice)

        assert browser.post(where + "authorise/", PASSWORD)["Location"] == where + "prove/"
        order.refresh_from_db()
        assert order.state == "draft"
        assert browser.post(where + "prove/", {"code": app_code(secret)})["Location"] == where
        order.refresh_from_db()
        assert order.state == "active"

        clock.shift(60)
        typed = {"amount": "30", **PASSWORD}
        raised = browser.post(where + "amount/", typed)
        assert raised["Location"] == where + "amount/3000/prove/"
        # Another amount than the one the password was typed for is another authorisation.
        other = browser.post(where + "amount/9000/prove/", {"code": app_code(secret)})
        assert other["Location"] == where + "amount/?over=1"
        assert amount_of(order) == 12_50
        assert browser.post(raised["Location"], {"code": app_code(secret)})["Location"] == where
        assert amount_of(order) == 30_00
        # Less is no risk.
        assert browser.post(where + "amount/", {"amount": "11", **PASSWORD})["Location"] == where
        assert amount_of(order) == 11_00
    prove_the_books()


def amount_of(order: StandingOrder) -> int:
    return StandingOrder.objects.get(pk=order.pk).amount_minor


@pytest.mark.usefixtures("phones")
def test_a_withdrawal_and_a_transfer_that_arrives_later(alice: User, bob: User) -> None:
    wallet_with(alice, "500.00")
    wallet_with(bob)
    card = link_card(alice)
    ask_from(alice, 100_00)
    secret = enrol(alice)
    browser = browser_of(alice)
    later = compose_transfer(
        user=alice,
        payee_text=str(bob.phone),
        amount_text="150.00",
        note="",
        compose_key=uuid4(),
        arrival="7200",
    )
    out = prepared_withdrawal(alice, card, 120_00)
    for payment, steps in ((later, 0), (out, 1)):
        assert type_password(browser, payment)["Location"] == at(payment, "prove/")
        payment.refresh_from_db()
        assert payment.state == "created" and payment.hold_id is None
        answer = type_code(browser, payment, app_code(secret, steps))
        assert answer["Location"] == at(payment)
        payment.refresh_from_db()
        assert payment.state == "processing" and payment.hold_id is not None
    prove_the_books()
