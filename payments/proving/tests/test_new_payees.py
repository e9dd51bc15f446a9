"""A payee is new until a second proof or a day has passed; until then small payments to them are
one large one, whichever way they are sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.users.models import User
from payments.banking.tests.builders import link_card, prepared_withdrawal
from payments.processing.models import Payment
from payments.processing.services import stop_payment
from payments.processing.tests.people import compose, confirm, money_of
from payments.proving.errors import SecondProofNeeded
from payments.proving.models import SecondProof
from payments.proving.pages import proof_page
from payments.proving.tests.people import (
    app_code,
    ask_from,
    at,
    browser_of,
    enrol,
    type_code,
    type_password,
)
from payments.transfers.batch.services import authorise_batch
from payments.transfers.batch.tasks import run_batches
from payments.transfers.batch.tests.builders import HEADER, authorised, crowd, rich, uploaded
from payments.transfers.services import compose_transfer
from payments.transfers.standing_orders.changing import change_amount
from payments.transfers.standing_orders.models import StandingOrder
from payments.transfers.standing_orders.running import run_standing_orders
from payments.transfers.standing_orders.tests.orders import NOW, in_force
from payments.transfers.unclaimed.services import claim_transfer, compose_unclaimed
from payments.wallets.errors import WalletFrozen
from payments.wallets.services import freeze_wallet
from tests.cast import PAYMENT_PASSWORD, make_customer, prove_the_books, read_code, wallet_with
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "13822223333"


@pytest.fixture
def payer(alice: User, bob: User) -> User:
    """Wants to be asked for more than 500 to somebody new."""
    rich(alice, "9000.00")
    wallet_with(bob)
    ask_from(alice, None, new_payee_over_minor=500_00)
    return alice


def to_a_number(payer: User, amount: str) -> Payment:
    return compose_unclaimed(
        user=payer, payee_text=NUMBER, amount_text=amount, note="", compose_key=uuid4()
    )


def later(payer: User, payee: User, amount: str) -> Payment:
    return compose_transfer(
        user=payer,
        payee_text=str(payee.phone),
        amount_text=amount,
        note="",
        compose_key=uuid4(),
        arrival="7200",
    )


def lines_to(people: list[User], amount: str) -> str:
    return HEADER + "\n".join(f"{one.phone},{amount},{n}," for n, one in enumerate(people))


def test_a_first_cent_makes_nobody_known(payer: User, bob: User) -> None:
    confirm(compose(payer, bob, "0.01"))
    large = compose(payer, bob, "4000.00")
    secret, browser = enrol(payer), browser_of(payer)
    assert type_password(browser, large)["Location"] == at(large, "prove/")
    assert "This payee is new" in browser.get(at(large, "prove/")).content.decode()
    assert money_of(bob) == 1
    assert type_code(browser, large, app_code(secret))["Location"] == at(large)
    assert money_of(bob) == 4000_01
    confirm(compose(payer, bob, "4000.00"))  # known by the proof
    prove_the_books()


def test_what_is_sent_to_one_new_payee_counts_together_and_to_two_it_does_not(
    payer: User, bob: User, mallory: User
) -> None:
    wallet_with(mallory)
    confirm(compose(payer, bob, "300.00"))
    confirm(compose(payer, mallory, "300.00"))
    confirm(compose(payer, bob, "200.00"))
    with pytest.raises(SecondProofNeeded):
        confirm(compose(payer, bob, "0.01"))
    assert money_of(bob) == 500_00
    prove_the_books()


def test_a_day_after_the_first_payment_a_payee_is_known(
    payer: User, bob: User, settings: Any
) -> None:
    known_after = timedelta(seconds=settings.SECOND_PROOF["payee_known_seconds"])
    with time_machine.travel(timezone.now(), tick=False) as clock:
        confirm(compose(payer, bob, "400.00"))
        clock.shift(known_after - timedelta(seconds=1))
        with pytest.raises(SecondProofNeeded):
            confirm(compose(payer, bob, "400.00"))
        clock.shift(1)
        confirm(compose(payer, bob, "4000.00"))
    assert money_of(bob) == 4400_00
    prove_the_books()


def test_what_is_on_its_way_counts_until_it_is_taken_back(payer: User, bob: User) -> None:
    on_its_way = confirm(later(payer, bob, "400.00"))
    with pytest.raises(SecondProofNeeded):
        confirm(compose(payer, bob, "400.00"))
    stop_payment(payment_id=on_its_way.pk, by=payer, reason="thought better of it")
    confirm(compose(payer, bob, "400.00"))
    prove_the_books()


def test_a_proved_payment_that_was_taken_back_makes_nobody_known(payer: User, bob: User) -> None:
    secret, browser = enrol(payer), browser_of(payer)
    proved = later(payer, bob, "600.00")
    type_password(browser, proved)
    type_code(browser, proved, app_code(secret))
    confirm(compose(payer, bob, "600.00"))
    proved.refresh_from_db()
    assert proved.state == "processing" and proved.is_proved
    Payment.objects.filter(state="succeeded").update(is_proved=False)
    stop_payment(payment_id=proved.pk, by=payer, reason="frozen")
    with pytest.raises(SecondProofNeeded):
        confirm(compose(payer, bob, "0.01"))


def test_a_number_without_a_wallet_is_one_payee_before_and_after_it_has_one(payer: User) -> None:
    first = confirm(to_a_number(payer, "400.00"))
    waiting = to_a_number(payer, "400.00")
    with pytest.raises(SecondProofNeeded):
        confirm(waiting)
    owner = make_customer("林晓", phone=f"+86{NUMBER}")
    wallet_with(owner)
    with pytest.raises(SecondProofNeeded):
        confirm(compose(payer, owner, "100.01"))
    claim_transfer(user=owner, public_id=first.public_id)
    for more in (waiting, compose(payer, owner, "100.01")):
        with pytest.raises(SecondProofNeeded):
            confirm(more)
    confirm(compose(payer, owner, "100.00"))
    prove_the_books()


@pytest.mark.usefixtures("phones")
def test_a_withdrawal_goes_to_nobody_new(payer: User) -> None:
    card = link_card(payer)
    confirm(prepared_withdrawal(payer, card, 600_00))
    confirm(prepared_withdrawal(payer, card, 600_00))


def test_of_many_at_once_no_more_pass_than_the_amount_allows(payer: User, bob: User) -> None:
    payments = [compose(payer, bob, "200.00") for _number in range(6)]
    results = codes_of(all_at_once(6, lambda number: confirm(payments[number])))
    assert results == {"": 2, "proof.needed": 4}
    assert money_of(bob) == 400_00
    prove_the_books()


def test_a_file_counts_all_lines_to_one_new_payee(payer: User, bob: User) -> None:
    one, two = crowd(2)
    split = uploaded(payer, lines_to([bob] * 9, "499.00"))
    with pytest.raises(SecondProofNeeded):
        authorise_batch(
            user=payer, public_id=split.public_id, raw_payment_password=PAYMENT_PASSWORD
        )
    authorised(payer, lines_to([one, two], "499.00"))
    # Authorised counts: whether a worker was there already makes no difference.
    for _time in range(2):
        with pytest.raises(SecondProofNeeded):
            confirm(compose(payer, one, "1.01"))
        run_batches()
    assert money_of(one) == 499_00
    confirm(compose(payer, one, "1.00"))
    prove_the_books()


def test_payees_of_a_file_that_was_proved_are_known(payer: User, bob: User) -> None:
    secret, browser = enrol(payer), browser_of(payer)
    batch = uploaded(payer, lines_to([bob], "600.00"))
    where = f"/transfer/batch/{batch.public_id}/"
    browser.post(where + "authorise/", {"payment_password": PAYMENT_PASSWORD})
    assert browser.post(where + "prove/", {"code": app_code(secret)})["Location"] == where
    run_batches()
    confirm(compose(payer, bob, "2000.00"))
    assert money_of(bob) == 2600_00


def test_plans_count_from_the_moment_they_are_made(payer: User, bob: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        plan = in_force(payer, bob, "once", "2027-01-21", amount="400.00")
        with pytest.raises(SecondProofNeeded):
            in_force(payer, bob, "once", "2027-01-22", amount="400.00")
        with pytest.raises(SecondProofNeeded):
            confirm(compose(payer, bob, "400.00"))
        with pytest.raises(SecondProofNeeded):
            change_amount(order=plan, amount_text="501", raw_payment_password=PAYMENT_PASSWORD)
        change_amount(order=plan, amount_text="500", raw_payment_password=PAYMENT_PASSWORD)
        clock.move_to(NOW + timedelta(days=1))
        run_standing_orders()
        assert money_of(bob) == 500_00
        with pytest.raises(SecondProofNeeded):
            confirm(compose(payer, bob, "0.01"))
        clock.shift(86_400)
        confirm(compose(payer, bob, "4000.00"))
    prove_the_books()


def test_a_date_that_is_being_retried_still_counts(payer: User, bob: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        in_force(payer, bob, "once", "2027-01-21", amount="400.00")
        wallet = freeze_wallet(wallet=wallet_with(payer), by=None, reason="for a while")
        clock.move_to(NOW + timedelta(days=1))
        run_standing_orders()
        wallet.freezes.update(lifted_at=timezone.now())
        type(wallet).objects.update(is_frozen=False)
        with pytest.raises(SecondProofNeeded):
            confirm(compose(payer, bob, "100.01"))


def test_plans_raised_at_once_count_each_other(payer: User, bob: User) -> None:
    with time_machine.travel(NOW, tick=False):
        plans = [
            in_force(payer, bob, "once", "2027-01-21", amount="10.00", note=str(number))
            for number in range(4)
        ]

    def act(number: int) -> StandingOrder:
        return change_amount(
            order=plans[number], amount_text="300", raw_payment_password=PAYMENT_PASSWORD
        )

    results = codes_of(all_at_once(4, act))
    # 300 and three times 10; a second 300 would be more than 500.
    assert results == {"": 1, "proof.needed": 3}


def test_a_freeze_between_check_and_confirm_keeps_a_plan_as_it_was(
    payer: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments.transfers.standing_orders import changing

    with time_machine.travel(NOW, tick=False):
        plan = in_force(payer, bob, "once", "2027-01-21", amount="10.00")

    def freeze_meanwhile(**_what: Any) -> None:
        freeze_wallet(wallet=plan.payer_wallet, by=None, reason="on the phone with us")

    monkeypatch.setattr(changing, "check_payment_password", freeze_meanwhile)
    with pytest.raises(WalletFrozen):
        change_amount(order=plan, amount_text="20", raw_payment_password=PAYMENT_PASSWORD)
    plan.refresh_from_db()
    assert plan.amount_minor == 10_00


@pytest.mark.usefixtures("phones")
def test_the_page_of_a_code_for_a_higher_amount_is_found(alice: User, bob: User) -> None:
    with time_machine.travel(NOW, tick=False):
        wallet_with(alice, "100.00")
        wallet_with(bob)
        plan = in_force(alice, bob, amount="5.00")
        ask_from(alice, 10_00)
        browser = browser_of(alice)
        raised = browser.post(
            f"/transfer/later/{plan.public_id}/amount/",
            {"amount": "30", "payment_password": PAYMENT_PASSWORD},
        )["Location"]
        assert raised.endswith("/amount/3000/prove/")
        challenge_id = SecondProof.objects.get().challenge_id
        assert challenge_id is not None
        assert proof_page(alice, challenge_id) == raised
        # The way of somebody who has lost the page, to its end.
        assert browser.get("/codes/continue/")["Location"] == raised
        assert "30.00" in browser.get(raised).content.decode()
        assert browser.post(raised, {"code": read_code(str(alice.phone))}).status_code == 302
        plan.refresh_from_db()
        assert plan.amount_minor == 30_00
        assert proof_page(alice, challenge_id) is None


def test_the_page_of_the_rules_says_how_amounts_count(payer: User) -> None:
    page = browser_of(payer).get("/security/payments/").content.decode()
    assert "Each payment counts by itself" in page
    assert "counts together" in page and "24 hours after your first payment" in page
