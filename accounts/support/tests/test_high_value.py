"""Locks of wallets of high value end by two people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.approvals.errors import MakerIsChecker, NotAllowed
from accounts.approvals.services import approve
from accounts.caution.selectors import caution_of
from accounts.payment_password.selectors import payment_password_state
from accounts.security.models import SecurityEvent
from accounts.signin.tests.doors import sign_in_staff
from accounts.support import errors, high_value, services
from accounts.support.models import SupportAction
from accounts.support.tests.test_desk import lock_payment_password
from accounts.support.tests.test_score import open_visit, shown
from accounts.users.models import User
from tests.cast import make_staff, read_sms
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "much_to_lose")]
END: dict[str, Any] = {"which": "payment-password", "reason": "checked by phone"}


@pytest.fixture
def much_to_lose() -> Iterator[None]:
    before = list(high_value._RULES)
    high_value._RULES[:] = [lambda _user: True]
    yield
    high_value._RULES[:] = before


def test_a_second_person_ends_it_and_the_customer_is_told(olivia: User, alice: User) -> None:
    lead = make_staff("Support lead")
    lock_payment_password(alice)
    visit = open_visit(olivia, alice)
    with pytest.raises(errors.CallerNotChecked):
        services.end_lock(visit=visit, **END)
    shown(visit)
    proposal = services.end_lock(visit=visit, **END)
    assert proposal is not None
    assert payment_password_state(alice).is_locked
    with pytest.raises(errors.AlreadyProposed):
        services.end_lock(visit=visit, **END)
    with pytest.raises(MakerIsChecker):
        approve(proposal_id=proposal.pk, checker=olivia, digest=proposal.digest)
    with pytest.raises(NotAllowed):
        colleague = make_staff("Support")
        approve(proposal_id=proposal.pk, checker=colleague, digest=proposal.digest)
    assert payment_password_state(alice).is_locked
    approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    assert not payment_password_state(alice).is_locked
    assert caution_of(alice) is not None
    assert read_sms(str(alice.phone))
    assert SecurityEvent.objects.get(kind="payment_password.unlocked").actor == lead
    assert [each.action for each in SupportAction.objects.all()] == ["proposed"]


def test_the_page_says_what_waits_for_a_second_person(
    client: Client, olivia: User, alice: User
) -> None:
    lock_payment_password(alice)
    visit = open_visit(olivia, alice)
    sign_in_staff(client, olivia)
    page, english = f"/admin/desk/{visit.public_id}/", {"accept-language": "en"}
    html = client.get(page, headers=english).content.decode()
    assert "after the check" in html and "waits for a second person" not in html
    shown(visit)
    assert "Propose to end it" in client.get(page, headers=english).content.decode()
    services.end_lock(visit=visit, **END)
    assert "waits for a second person" in client.get(page, headers=english).content.decode()


def test_what_ended_by_itself_meanwhile_is_not_ended_again(olivia: User, alice: User) -> None:
    from accounts.payment_password.models import PaymentPassword

    lock_payment_password(alice)
    visit = open_visit(olivia, alice)
    shown(visit)
    proposal = services.end_lock(visit=visit, **END)
    assert proposal is not None
    PaymentPassword.objects.filter(user=alice).update(locked_until=None, wrong_in_row=0)
    with pytest.raises(errors.NothingLocked):
        lead = make_staff("Support lead")
        approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    assert caution_of(alice) is None


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_are_one_proposal(olivia: User, alice: User) -> None:
    lock_payment_password(alice)
    visit = open_visit(olivia, alice)
    shown(visit)
    results = all_at_once(10, lambda _number: services.end_lock(visit=visit, **END))
    assert codes_of(results) == {"": 1, "support.already_proposed": 9}
