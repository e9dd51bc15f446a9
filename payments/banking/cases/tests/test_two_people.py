"""What a second person approves is what they have read, and it is no one person twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.approvals.errors import AboutOneself, Changed, MakerGone, NotAllowed, SameBrowser
from accounts.security.models import KnownDevice, SecurityEvent, UserSession
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from payments.banking.cases import services
from payments.banking.cases.errors import ProposalWaits
from payments.banking.cases.models import PaymentCase
from payments.banking.cases.opening import open_case
from payments.banking.cases.selectors import digest_of
from payments.banking.cases.states import CaseEnd, CaseKind, CaseState
from payments.banking.cases.tests.test_cases import (
    EVIDENCE,
    approve,
    digest_on,
    money_of,
    on_its_way,
    propose,
)
from payments.banking.tests.banks import TOLD
from tests.cast import make_staff, prove_the_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
BEFORE = (500_00, 380_00)


@pytest.fixture(autouse=True)
def told_bank(settings: Any) -> None:
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": TOLD}
    settings.DEVICES = {**settings.DEVICES, "shared_seconds": 86_400}


@pytest.fixture
def maker(db: None) -> User:
    return make_staff("Operations")


@pytest.fixture
def checker(db: None) -> User:
    return make_staff("Operations checker")


@pytest.fixture
def case(alice: User, maker: User) -> PaymentCase:
    """Proposed: the bank has paid."""
    opened = open_case(order=on_its_way(alice), kind=CaseKind.UNKNOWN)
    propose(opened, maker, CaseEnd.BANK_PAID)
    return opened


def page_of(case: PaymentCase) -> str:
    return reverse("admin:payments_paymentcase_change", args=[case.pk])


def test_a_proposal_does_not_change_between_reading_and_approving(
    alice: User, maker: User, checker: User, case: PaymentCase
) -> None:
    hers, his = Client(), Client()
    sign_in_staff(hers, maker)
    sign_in_staff(his, checker)
    read = digest_on(his.get(page_of(case)))
    other = {"step": "propose", "end": "bank_refused", "text": "Other evidence, unseen"}
    assert hers.post(page_of(case), other).status_code == 422
    UserSession.objects.filter(ended_at=None).update(proved_at=timezone.now())
    # Taken back and proposed anew, it is another one: who read the first decides about nothing.
    assert hers.post(page_of(case), {"step": "decline", "text": "A mistake"}).status_code == 302
    assert hers.post(page_of(case), other).status_code == 302
    answer = his.post(page_of(case), {"step": "approve", "digest": read})
    assert answer.status_code == 422
    assert "Other evidence, unseen" in answer.content.decode()
    assert money_of(alice) == BEFORE
    sent = {"step": "approve", "digest": digest_on(answer)}
    assert his.post(page_of(case), sent).status_code == 302
    assert money_of(alice) == (500_00, 500_00)
    prove_the_books()


def test_evidence_and_proposer_belong_to_what_was_read(
    alice: User, maker: User, checker: User, case: PaymentCase
) -> None:
    read = digest_of(PaymentCase.objects.get(pk=case.pk))
    with pytest.raises(ProposalWaits):
        services.propose_end(case_id=case.pk, by=maker, end=CaseEnd.BANK_PAID, evidence=EVIDENCE)
    other = make_staff("Operations")
    for change in (
        {"evidence": "Something else"},
        {"proposed_by": other},
        {"end": CaseEnd.BANK_REFUSED},
    ):
        before = PaymentCase.objects.filter(pk=case.pk).values(*change)[0]
        PaymentCase.objects.filter(pk=case.pk).update(**change)
        with pytest.raises(Changed):
            services.approve_end(case_id=case.pk, by=checker, digest=read)
        PaymentCase.objects.filter(pk=case.pk).update(**before)
    for missing in ("", "0" * 64):
        with pytest.raises(Changed):
            services.approve_end(case_id=case.pk, by=checker, digest=missing)
    assert money_of(alice) == BEFORE


def test_who_works_on_cases_does_not_decide_and_who_decides_proposes_nothing(
    client: Client, alice: User, checker: User, case: PaymentCase
) -> None:
    colleague = make_staff("Operations")
    with pytest.raises(NotAllowed):
        approve(case, colleague)
    with pytest.raises(NotAllowed):
        services.decline_end(case_id=case.pk, by=colleague, reason="I know better")
    sign_in_staff(client, checker)
    html = client.get(page_of(case)).content.decode()
    assert 'value="approve"' in html and 'value="propose"' not in html
    for step in ("take", "note", "ask", "propose"):
        sent = {"step": step, "end": "bank_paid", "text": EVIDENCE}
        assert client.post(page_of(case), sent).status_code == 403, step
    services.decline_end(case_id=case.pk, by=checker, reason="Another row")
    assert PaymentCase.objects.get().state == CaseState.OPEN
    assert money_of(alice) == BEFORE


def test_nobody_works_on_or_decides_what_is_about_their_own_wallet(
    alice: User, maker: User, checker: User, case: PaymentCase
) -> None:
    payment = case.payment
    assert payment.payer_wallet is not None
    payment.payer_wallet.owner = checker
    payment.payer_wallet.save()
    with pytest.raises(AboutOneself):
        approve(case, checker)
    payment.payer_wallet.owner = maker
    payment.payer_wallet.save()
    with pytest.raises(AboutOneself):
        services.take_case(case_id=case.pk, by=maker)
    assert PaymentCase.objects.get().state == CaseState.PROPOSED


@pytest.mark.parametrize("how", ["dismissed", "without the role"])
def test_what_a_maker_left_behind_is_carried_out_by_nobody(
    alice: User, maker: User, checker: User, case: PaymentCase, how: str
) -> None:
    if how == "dismissed":
        User.objects.filter(pk=maker.pk).update(is_active=False)
    else:
        maker.groups.clear()
    with pytest.raises(MakerGone):
        approve(case, checker)
    assert money_of(alice) == BEFORE
    services.decline_end(case_id=case.pk, by=checker, reason="Its maker left")
    assert PaymentCase.objects.get().state == CaseState.OPEN


@pytest.mark.parametrize("whose", ["maker", "alice"])
def test_two_accounts_in_one_browser_are_not_two_people(
    request: pytest.FixtureRequest, alice: User, checker: User, case: PaymentCase, whose: str
) -> None:
    other: User = request.getfixturevalue(whose)
    for person in (other, checker):
        KnownDevice.objects.create(user=person, token_hash="a" * 64)
    with pytest.raises(SameBrowser):
        approve(case, checker)
    assert money_of(alice) == BEFORE
    noted = SecurityEvent.objects.get(kind="staff.same_browser")
    assert (noted.user, noted.actor) == (other, checker)
    KnownDevice.objects.filter(user=other).update(last_seen_at=timezone.now() - timedelta(days=2))
    approve(case, checker)
    assert money_of(alice) == (380_00, 380_00)
