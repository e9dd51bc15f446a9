"""How a case ends: with evidence, by two people where money moves, and once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.security.models import SecurityEvent, UserSession
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from ledger.selectors import get_balance
from payments.banking.books import clearing_account_id, returns_account_id
from payments.banking.cases import services
from payments.banking.cases.errors import (
    CaseClosed,
    CaseNotYours,
    EndNotBookable,
    EndNotPossible,
    EvidenceMissing,
    NothingProposed,
    SecondPersonNeeded,
)
from payments.banking.cases.models import CaseStep, PaymentCase
from payments.banking.cases.opening import open_case
from payments.banking.cases.selectors import digest_of
from payments.banking.cases.states import CaseEnd, CaseKind, CaseState
from payments.banking.models import BankOrder
from payments.banking.states import OrderKind
from payments.banking.tests.banks import PENDING, REFUSED, RETURNED, SETTLED, TOLD, ToldRail
from payments.banking.tests.builders import (
    authorised,
    hear,
    link_card,
    order_of,
    withdrawn,
)
from payments.processing.errors import NotEnoughMoney
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import fund, make_staff, prove_the_books, wallet_with
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]

EVIDENCE = "Statement of 23 November, row 14, reference B1"


@pytest.fixture(autouse=True)
def told_bank(settings: Any) -> None:
    """A bank that says what it is told."""
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": TOLD}


@pytest.fixture
def maker(db: None) -> User:
    return make_staff("Operations")


@pytest.fixture
def checker(db: None) -> User:
    return make_staff("Operations checker")


def on_its_way(user: User, amount_minor: int = 120_00) -> BankOrder:
    """A withdrawal that the bank has, from a wallet with 500.00."""
    wallet_with(user, "500.00")
    order = order_of(withdrawn(user, link_card(user), amount_minor), OrderKind.PAY_OUT)
    return hear(order, PENDING)


def propose(case: PaymentCase, by: User, end: str) -> None:
    services.take_case(case_id=case.pk, by=by)
    services.propose_end(case_id=case.pk, by=by, end=end, evidence=EVIDENCE)


def approve(case: PaymentCase, by: User) -> PaymentCase:
    """Having read what is proposed now."""
    read = digest_of(PaymentCase.objects.get(pk=case.pk))
    return services.approve_end(case_id=case.pk, by=by, digest=read)


def digest_on(page: Any) -> str:
    """Of the form that this page shows."""
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page.content.decode())
    return found[1] if found else ""


def settle(case: PaymentCase, maker: User, checker: User, end: str) -> PaymentCase:
    propose(case, maker, end)
    return approve(case, checker)


def money_of(user: User) -> tuple[int, int]:
    balance = wallet_balance(get_wallet_for(user))
    return balance.posted_minor, balance.available_minor


@pytest.mark.parametrize(
    ("end", "state", "left"),
    [
        (CaseEnd.BANK_PAID, PaymentState.SUCCEEDED, 380_00),
        (CaseEnd.BANK_REFUSED, PaymentState.FAILED, 500_00),
    ],
)
def test_an_unknown_result_ends_as_two_people_found_out(
    alice: User, maker: User, checker: User, end: str, state: str, left: int
) -> None:
    order = on_its_way(alice)
    case = open_case(order=order, kind=CaseKind.UNKNOWN)
    propose(case, maker, end)
    assert Payment.objects.get(pk=order.payment_id).state == PaymentState.PROCESSING
    with pytest.raises(SecondPersonNeeded):
        approve(case, maker)
    approve(case, checker)
    assert Payment.objects.get(pk=order.payment_id).state == state
    assert money_of(alice) == (left, left)
    with pytest.raises(CaseClosed):
        approve(case, checker)
    closed = PaymentCase.objects.get()
    assert (closed.end, closed.proposed_by, closed.approved_by) == (end, maker, checker)
    assert closed.steps.filter(kind="closed").count() == 1
    prove_the_books()


def test_no_end_without_evidence_an_owner_and_a_proposal(
    alice: User, maker: User, checker: User
) -> None:
    case = open_case(order=on_its_way(alice), kind=CaseKind.UNKNOWN)
    end = CaseEnd.BANK_PAID
    with pytest.raises(CaseNotYours):
        services.propose_end(case_id=case.pk, by=maker, end=end, evidence=EVIDENCE)
    services.take_case(case_id=case.pk, by=maker)
    with pytest.raises(EvidenceMissing):
        services.propose_end(case_id=case.pk, by=maker, end=end, evidence="   ok    ")
    with pytest.raises(EndNotPossible):
        services.propose_end(
            case_id=case.pk, by=maker, end=CaseEnd.CREDIT_WALLET, evidence=EVIDENCE
        )
    with pytest.raises(NothingProposed):
        approve(case, checker)
    services.propose_end(case_id=case.pk, by=maker, end=end, evidence=EVIDENCE)
    services.decline_end(case_id=case.pk, by=checker, reason="Another row")
    with pytest.raises(NothingProposed):
        approve(case, checker)
    assert money_of(alice) == (500_00, 380_00)


def test_the_banks_answer_comes_before_a_proposal(alice: User, maker: User, checker: User) -> None:
    order = on_its_way(alice)
    case = open_case(order=order, kind=CaseKind.UNKNOWN)
    propose(case, maker, CaseEnd.BANK_PAID)
    hear(order, REFUSED)
    with pytest.raises(CaseClosed):
        approve(case, checker)
    assert money_of(alice) == (500_00, 500_00)
    prove_the_books()


@pytest.mark.parametrize(
    ("first", "then", "end", "left"),
    [
        (SETTLED, REFUSED, CaseEnd.CREDIT_WALLET, 500_00),
        (REFUSED, SETTLED, CaseEnd.DEBIT_WALLET, 380_00),
        (SETTLED, REFUSED, CaseEnd.NO_CHANGE, 380_00),
    ],
)
def test_a_contradiction_is_set_right_by_a_payment_of_its_own(
    alice: User, maker: User, checker: User, first: Any, then: Any, end: str, left: int
) -> None:
    order = hear(on_its_way(alice), first, then)
    case = PaymentCase.objects.get(kind=CaseKind.CONTRADICTION)
    propose(case, maker, end)
    if end != CaseEnd.NO_CHANGE:
        approve(case, checker)
    assert money_of(alice) == (left, left)
    assert get_balance(clearing_account_id("CNY")).posted_minor == left
    corrections = Payment.objects.filter(kind="bank_adjustment")
    assert corrections.count() == (end != CaseEnd.NO_CHANGE)
    assert Payment.objects.get(pk=order.payment_id).state != PaymentState.PROCESSING
    prove_the_books()


def test_taking_back_what_is_no_longer_there_is_refused_and_stays_open(
    alice: User, maker: User, checker: User
) -> None:
    order = hear(on_its_way(alice, 500_00), REFUSED, SETTLED)
    case = PaymentCase.objects.get()
    propose(case, maker, CaseEnd.DEBIT_WALLET)
    withdrawn(alice, order.card, 400_00)
    with pytest.raises(NotEnoughMoney):
        approve(case, checker)
    assert PaymentCase.objects.get().state == CaseState.PROPOSED
    prove_the_books()


def test_parked_money_goes_to_the_wallet_once_there_is_room_or_out_by_hand(
    alice: User, bob: User, maker: User, checker: User
) -> None:
    order = hear(on_its_way(alice, 500_00), SETTLED)
    fund(get_wallet_for(alice), "499900.00")
    hear(order, RETURNED)
    case = PaymentCase.objects.get(kind=CaseKind.PARKED)
    propose(case, maker, CaseEnd.CREDIT_WALLET)
    with pytest.raises(EndNotBookable):
        approve(case, checker)
    services.decline_end(case_id=case.pk, by=checker, reason="no room yet")
    settle(case, maker, checker, CaseEnd.PAID_BY_HAND)
    assert get_balance(returns_account_id("CNY")).posted_minor == 0
    assert money_of(alice) == (499_900_00, 499_900_00)
    prove_the_books()


def test_parked_money_that_fits_again_is_credited_and_shown(
    alice: User, maker: User, checker: User
) -> None:
    order = hear(on_its_way(alice, 500_00), SETTLED)
    fund(get_wallet_for(alice), "499900.00")
    hear(order, RETURNED)
    withdrawn(alice, order.card, 1_000_00)
    hear(BankOrder.objects.latest("pk"), SETTLED)
    settle(PaymentCase.objects.get(), maker, checker, CaseEnd.CREDIT_WALLET)
    assert money_of(alice) == (499_400_00, 499_400_00)
    assert get_balance(returns_account_id("CNY")).posted_minor == 0
    assert Payment.objects.get(kind="bank_return").state == PaymentState.SUCCEEDED
    prove_the_books()


def test_a_give_back_that_the_bank_refuses_is_parked(
    alice: User, maker: User, checker: User
) -> None:
    wallet_with(alice)
    card = link_card(alice)
    fund(get_wallet_for(alice), "499900.00")
    order = order_of(authorised(alice, card, 100_00))
    fund(get_wallet_for(alice), "100.00")
    hear(order, SETTLED)
    give_back = BankOrder.objects.get(kind=OrderKind.GIVE_BACK)
    hear(give_back, REFUSED)
    case = PaymentCase.objects.get()
    assert (case.kind, case.order) == (CaseKind.PARKED, give_back)
    settle(case, maker, checker, CaseEnd.PAID_BY_HAND)
    assert get_balance(returns_account_id("CNY")).posted_minor == 0
    prove_the_books()


@pytest.mark.django_db(transaction=True)
def test_ten_approvals_at_once_and_the_banks_answer_book_once(
    alice: User, maker: User, checker: User
) -> None:
    order = on_its_way(alice)
    case = open_case(order=order, kind=CaseKind.UNKNOWN)
    propose(case, maker, CaseEnd.BANK_PAID)
    ToldRail.begin(SETTLED)
    BankOrder.objects.update(next_at=order.created_at)

    def act(number: int) -> Any:
        if number == 0:
            return hear(order, SETTLED)
        return approve(case, checker)

    codes = codes_of(all_at_once(8, act))
    assert set(codes) <= {"", "case.closed"}
    assert money_of(alice) == (380_00, 380_00)
    prove_the_books()


def test_steps_are_evidence_and_stay(alice: User) -> None:
    open_case(order=on_its_way(alice), kind=CaseKind.UNKNOWN)
    for change in (
        lambda: CaseStep.objects.update(text="nothing happened"),
        lambda: CaseStep.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_staff_work_on_a_case_in_the_admin(
    client: Client, alice: User, maker: User, checker: User
) -> None:
    order = on_its_way(alice)
    case = open_case(order=order, kind=CaseKind.UNKNOWN)
    page = reverse("admin:payments_paymentcase_change", args=[case.pk])
    second = Client()
    sign_in_staff(client, maker)
    sign_in_staff(second, checker)
    queue = client.get(reverse("admin:payments_paymentcase_changelist"))
    assert case.number in queue.content.decode()
    assert client.get(page).status_code == 200
    ToldRail.begin(PENDING)
    for sent, status in (
        ({"step": "take"}, 302),
        ({"step": "ask"}, 302),
        ({"step": "note", "text": ""}, 422),
        ({"step": "note", "text": "Called the bank"}, 302),
        ({"step": "propose", "text": EVIDENCE}, 422),
        ({"step": "propose", "end": "credit_wallet", "text": EVIDENCE}, 422),
        ({"step": "propose", "end": "bank_paid", "text": EVIDENCE}, 302),
        ({"step": "nonsense"}, 422),
    ):
        assert client.post(page, sent).status_code == status, sent
    read = {"step": "approve", "digest": digest_on(second.get(page))}
    asked = second.post(page, read)
    assert asked["Location"].startswith("/step-up/")
    assert money_of(alice) == (500_00, 380_00)
    # As after the step-up page.
    UserSession.objects.filter(ended_at=None).update(proved_at=timezone.now())
    assert client.post(page, read).status_code == 422
    assert second.post(page, {"step": "approve"}).status_code == 422
    assert money_of(alice) == (500_00, 380_00)
    assert second.post(page, read).status_code == 302
    assert money_of(alice) == (380_00, 380_00)
    assert second.get(page).status_code == 200
    prove_the_books()


def test_who_has_taken_a_case_opens_its_payment_with_the_case_as_reason(
    client: Client, alice: User, maker: User
) -> None:
    order = on_its_way(alice)
    case = open_case(order=order, kind=CaseKind.UNKNOWN)
    page = reverse("admin:payments_paymentcase_change", args=[case.pk])
    payment = reverse("admin:payments_payment_change", args=[order.payment_id])
    sign_in_staff(client, maker)
    client.get(page)
    assert "look_reason" in client.get(payment).content.decode()
    client.post(page, {"step": "take"})
    client.get(page)
    assert "look_reason" not in client.get(payment).content.decode()
    events = SecurityEvent.objects.filter(user=alice, kind="staff.looked")
    assert {event.details["reason"] for event in events} == {case.number}
    assert events.filter(details__record="payments.payment").count() == 1


def test_what_people_have_looked_into_opens_no_second_case(alice: User, maker: User) -> None:
    order = hear(on_its_way(alice), SETTLED, REFUSED)
    propose(PaymentCase.objects.get(), maker, CaseEnd.NO_CHANGE)
    hear(order, REFUSED, REFUSED)
    assert PaymentCase.objects.count() == 1
    prove_the_books()


@pytest.mark.parametrize("role", ["Auditor", "Support"])
def test_other_roles_do_not_work_on_cases(client: Client, alice: User, role: str) -> None:
    case = open_case(order=on_its_way(alice), kind=CaseKind.UNKNOWN)
    sign_in_staff(client, make_staff(role))
    page = reverse("admin:payments_paymentcase_change", args=[case.pk])
    assert client.get(page).status_code == (200 if role == "Auditor" else 403)
    assert client.post(page, {"step": "take"}).status_code == 403
