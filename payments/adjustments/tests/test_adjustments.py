"""Adjustments: by two people, once, never below zero, and the customer reads why."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.approvals.models import Proposal
from accounts.approvals.services import approve
from accounts.approvals.states import ProposalState
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from payments.adjustments.errors import OverCap
from payments.adjustments.proposals import propose_adjustment
from payments.processing.errors import NotEnoughMoney
from payments.processing.models import Payment
from payments.wallets.models import Wallet
from payments.wallets.selectors import wallet_balance
from payments.wallets.services import freeze_wallet
from tests.cast import make_staff, prove_the_books, wallet_with
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "double charge, C-7K3M-94QX"


@pytest.fixture
def maker(db: None) -> User:
    return make_staff("Operations", phone="+8613600137721")


@pytest.fixture
def checker(db: None) -> User:
    return make_staff("Operations checker", phone="+8613600137722")


@pytest.fixture
def purse(alice: User) -> Wallet:
    return wallet_with(alice, "50.00")


def minor_of(wallet: Wallet) -> int:
    return wallet_balance(wallet).available_minor


def proposed(wallet: Wallet, minor: int, maker: User) -> Proposal:
    return propose_adjustment(wallet=wallet, amount_minor=minor, maker=maker, reason=REASON)


def test_given_and_taken_by_two_and_read_by_the_customer(
    purse: Wallet, alice: User, maker: User, checker: User
) -> None:
    for minor, left in ((12_50, 62_50), (-2_50, 60_00)):
        proposal = proposed(purse, minor, maker)
        before = minor_of(purse)
        assert before != left
        approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest)
        assert minor_of(purse) == left
    client = Client()
    client.force_login(alice)
    page = client.get("/activity/").content.decode()
    for payment in Payment.objects.filter(kind="adjustment"):
        assert str(payment.public_id) in page
        assert REASON in client.get(f"/activity/{payment.public_id}/").content.decode()
    prove_the_books()


def test_a_frozen_wallet_is_adjusted_too(purse: Wallet, maker: User, checker: User) -> None:
    freeze_wallet(wallet=purse, by=maker, reason="fraud")
    proposal = proposed(purse, -50_00, maker)
    approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest)
    assert minor_of(purse) == 0
    prove_the_books()


@pytest.mark.parametrize(("minor", "error"), [(-50_01, NotEnoughMoney), (10**9, OverCap)])
def test_what_is_not_there_is_not_taken_and_caps_hold(
    purse: Wallet, maker: User, checker: User, minor: int, error: type[Exception]
) -> None:
    proposal = proposed(purse, minor, maker)
    with pytest.raises(error):
        approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.OPEN
    assert minor_of(purse) == 50_00
    assert not Payment.objects.filter(kind="adjustment").exists()
    prove_the_books()


def test_ten_approvals_at_once_book_it_once(purse: Wallet, maker: User, checker: User) -> None:
    proposal = proposed(purse, 1_00, maker)
    results = all_at_once(
        10,
        lambda _number: approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest),
    )
    assert codes_of(results) == {"": 1, "approval.not_open": 9}
    assert minor_of(purse) == 51_00
    prove_the_books()


def test_the_form_proposes_and_books_nothing(
    purse: Wallet, maker: User, checker: User, olivia: User
) -> None:
    client = Client()
    sign_in_staff(client, maker)
    assert "/staff/adjustments/new/" in client.get("/admin/approvals/").content.decode()
    form = {"number": purse.number, "way": "take", "amount": "3.00", "reason": REASON}
    for wrong in ({"amount": "-3"}, {"number": "1"}, {"reason": ""}, {"way": "both"}):
        assert client.post("/staff/adjustments/new/", {**form, **wrong}).status_code == 422
    assert client.post("/staff/adjustments/new/", form).status_code == 302
    assert Proposal.objects.get().facts["amount_minor"] == -3_00
    assert minor_of(purse) == 50_00
    for other in (checker, olivia):
        browser = Client()
        sign_in_staff(browser, other)
        assert browser.post("/staff/adjustments/new/", form).status_code == 403
    customer = Client()
    customer.force_login(purse.owner)
    assert customer.post("/staff/adjustments/new/", form).status_code in {302, 403, 404}
    assert Proposal.objects.count() == 1
    prove_the_books()


def test_a_long_reason_is_read_to_its_end(
    purse: Wallet, alice: User, maker: User, checker: User
) -> None:
    reason = (
        "Given back: the fee of the returned withdrawal of last week, as we promised; C-7K3M-94QX"
    )
    proposal = propose_adjustment(wallet=purse, amount_minor=1_00, maker=maker, reason=reason)
    approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest)
    payment = Payment.objects.get(kind="adjustment")
    client = Client()
    client.force_login(alice)
    assert reason in client.get(f"/activity/{payment.public_id}/").content.decode()
