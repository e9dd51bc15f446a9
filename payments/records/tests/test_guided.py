"""What a helper sees of a customer's money in a guided view."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.guiding.models import GuidedView, HelperCode
from accounts.guiding.services import make_code
from accounts.guiding.words import words_of
from accounts.security.models import SecurityEvent
from accounts.security.services import open_session
from accounts.signin.tests.doors import sign_in_staff
from accounts.support.tests.test_desk import open_record
from accounts.users.models import User
from payments.banking.tests.builders import link_card, withdrawn
from payments.processing.tests.people import compose, confirm
from payments.records.guided import facts_for_helper
from tests.cast import prove_the_books, wallet_with
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db


def test_a_helper_looks_with_the_customer_and_sees_no_amount_and_no_name(
    client: Client, alice: User, bob: User, olivia: User
) -> None:
    desk = client
    sign_in_staff(desk, olivia)
    hers = open_session(user=alice, label="Firefox", address="")
    wallet_with(alice, "1234.56")
    wallet_with(bob)
    confirm(compose(alice, bob, "57.91"))
    code = make_code(user=alice, session=hers, purpose=HelperCode.Purpose.LOOK)
    answer = desk.post(f"{open_record(desk, alice)}guided/begin/", {"code": code})
    view = GuidedView.objects.get()
    base = f"/admin/desk/guided/{view.public_id}/"
    assert answer["Location"] == base
    for page in ("", "security/", "activity/"):
        html = desk.get(base + page, headers={"accept-language": "en"}).content.decode()
        assert_page_is_clean(html)
        assert words_of(view.public_id)[0].chinese in html
        for hidden in ("57.91", "1234.56", "1,234.56", "1176.65", "1,176.65", "林晓", "陈思远"):
            assert hidden not in html, page
        assert str(alice.phone)[3:] not in html and str(bob.phone)[3:] not in html
        assert desk.post(base + page).status_code == 405
    assert (
        "Paid" in desk.get(f"{base}activity/", headers={"accept-language": "en"}).content.decode()
    )
    opened = SecurityEvent.objects.filter(user=alice, kind__startswith="guided.opened").order_by(
        "pk"
    )
    assert [event.kind.removeprefix("guided.opened_") for event in opened] == [
        "overview", "security", "activity", "activity",
    ]  # fmt: skip
    prove_the_books()


@pytest.mark.usefixtures("phones")
def test_a_bank_is_not_shown_as_if_it_were_a_masked_person(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    confirm(compose(alice, bob, "5.00"))
    withdrawn(alice, link_card(alice), 20_00)
    said = {str(fact.title): fact.party for fact in facts_for_helper(alice).activity}
    assert sorted(said.values()) == ["", "林*"]
