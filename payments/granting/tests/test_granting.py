"""Grants: by two people, for a time, told to the customer, and no wider than they say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from accounts.approvals.models import Proposal
from accounts.approvals.services import approve
from accounts.caution.services import begin_caution
from accounts.changes.models import Change
from accounts.identity.selectors import assurance_level
from accounts.identity.services import raise_assurance
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from payments.granting.errors import ClassTwoFirst, DigitsDiffer, HasClassOne
from payments.granting.proposals import propose_class_one, propose_limits
from payments.wallets.days import bank_day
from payments.wallets.errors import LimitSingle, OwnLimitTooWide
from payments.wallets.limits import require_within_single
from payments.wallets.models import LimitOverride, Wallet
from payments.wallets.own_limits import Wishes, set_own_limits
from payments.wallets.selectors import limit_state
from tests.cast import make_customer, make_id_number, make_staff, prove_the_books, wallet_with
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "house bought, C-7K3M-94QX"
NUMBER = make_id_number()


@pytest.fixture
def maker(db: None) -> User:
    return make_staff("Operations", phone="+8613600137731")


@pytest.fixture
def checker(db: None) -> User:
    return make_staff("Operations checker", phone="+8613600137732")


@pytest.fixture
def lead(db: None) -> User:
    return make_staff("Support lead", phone="+8613600137733")


@pytest.fixture
def purse(db: None) -> Wallet:
    return wallet_with(make_customer(id_number=NUMBER), "50.00")


def grant(purse: Wallet, maker: User, checker: User, wishes: Wishes, days: int = 3) -> Wallet:
    proposal = propose_limits(
        wallet=purse,
        wishes=wishes,
        last_day=bank_day() + timedelta(days=days),
        maker=maker,
        reason=REASON,
    )
    approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest)
    purse.refresh_from_db()
    return purse


def test_other_limits_hold_until_their_day_and_the_owner_reads_why(
    purse: Wallet, maker: User, checker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = limit_state(purse)
    assert before.single == 5_000_00
    grant(purse, maker, checker, Wishes(single=8_000_00, day_count=3))
    state = limit_state(purse)
    assert (state.single, state.day, state.day_count) == (8_000_00, before.day, 3)
    require_within_single(wallet=purse, amount_minor=8_000_00)
    with pytest.raises(LimitSingle) as refused:
        require_within_single(wallet=purse, amount_minor=8_000_01)
    assert REASON in str(refused.value.message)
    client = Client()
    client.force_login(purse.owner)
    assert REASON in client.get("/me/limits/").content.decode()
    assert Change.objects.get(user=purse.owner).kind == "wallet.limits_overridden"
    later = timezone.now() + timedelta(days=5)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert limit_state(purse).single == before.single
    prove_the_books()


def test_what_the_owner_wants_and_a_time_of_caution_still_narrow_it(
    purse: Wallet, maker: User, checker: User
) -> None:
    grant(purse, maker, checker, Wishes(single=8_000_00))
    set_own_limits(wallet=purse, by=purse.owner, wishes=Wishes(single=7_000_00))
    assert limit_state(purse).single == 7_000_00
    with pytest.raises(OwnLimitTooWide):
        set_own_limits(wallet=purse, by=purse.owner, wishes=Wishes(single=8_000_01))
    begin_caution(user=purse.owner, why="phone_changed")
    assert limit_state(purse).single == 500_00


def test_a_new_grant_replaces_the_old_one_and_an_empty_one_ends_it(
    purse: Wallet, maker: User, checker: User
) -> None:
    before = limit_state(purse)
    grant(purse, maker, checker, Wishes(single=8_000_00), days=30)
    grant(purse, maker, checker, Wishes(), days=0)
    assert limit_state(purse) == before
    assert LimitOverride.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        LimitOverride.objects.update(single_minor=1)


def test_ten_approvals_at_once_grant_it_once(purse: Wallet, maker: User, checker: User) -> None:
    proposal = propose_limits(
        wallet=purse, wishes=Wishes(day=1_00), last_day=bank_day(), maker=maker, reason=REASON
    )
    results = all_at_once(
        10, lambda _n: approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest)
    )
    assert codes_of(results) == {"": 1, "approval.not_open": 9}
    assert LimitOverride.objects.count() == 1


def test_the_form_of_limits(purse: Wallet, maker: User, checker: User, olivia: User) -> None:
    client, today = Client(), bank_day()
    sign_in_staff(client, maker)
    assert "/staff/limits/new/" in client.get("/admin/approvals/").content.decode()
    form = {
        "number": purse.number,
        "single": "8000.00",
        "day": "",
        "day_count": "",
        "last_day": str(today),
        "reason": REASON,
    }
    for wrong in (
        {"single": "-1"},
        {"day_count": "0"},
        {"last_day": str(today - timedelta(days=1))},
        {"last_day": str(today + timedelta(days=91))},
        {"last_day": "soon"},
        {"number": "1"},
        {"reason": ""},
    ):
        assert client.post("/staff/limits/new/", {**form, **wrong}).status_code == 422
    answer = client.post("/staff/limits/new/", form)
    assert answer.status_code == 302
    assert limit_state(purse).single == 5_000_00
    page = client.get(answer.headers["Location"]).content.decode()
    assert "8,000.00" in page
    for other in (checker, olivia):
        browser = Client()
        sign_in_staff(browser, other)
        assert browser.post("/staff/limits/new/", form).status_code == 403
    assert Proposal.objects.count() == 1


def test_class_one_takes_a_card_the_document_and_two_people(
    purse: Wallet, olivia: User, lead: User
) -> None:
    def propose(digits: str) -> Proposal:
        return propose_class_one(wallet=purse, digits=digits, maker=olivia, reason=REASON)

    with pytest.raises(ClassTwoFirst):
        propose(NUMBER[-6:])
    raise_assurance(user=purse.owner, level="card", reason="card linked")
    with pytest.raises(DigitsDiffer):
        propose("000000")
    proposal = propose(NUMBER[-6:])
    assert NUMBER[-6:] not in str(proposal.facts)
    purse.refresh_from_db()
    assert purse.wallet_class != "I"
    approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    purse.refresh_from_db()
    assert purse.wallet_class == "I"
    assert limit_state(purse).single is None
    assert assurance_level(purse.owner) == "in_person"
    assert Change.objects.get(user=purse.owner).kind == "wallet.class_one"
    with pytest.raises(HasClassOne):
        propose(NUMBER[-6:])
    prove_the_books()


def test_the_form_of_class_one_wants_the_person_seen(
    purse: Wallet, olivia: User, maker: User
) -> None:
    raise_assurance(user=purse.owner, level="card", reason="card linked")
    client = Client()
    sign_in_staff(client, olivia)
    form = {
        "number": purse.number,
        "digits": NUMBER[-6:],
        "is_seen": "on",
        "reason": "branch 3, identity card",
    }
    for wrong in ({"is_seen": ""}, {"digits": "000000"}, {"reason": ""}):
        assert client.post("/staff/class-one/new/", {**form, **wrong}).status_code == 422
    assert client.post("/staff/class-one/new/", form).status_code == 302
    assert Proposal.objects.get().kind == "wallet.class_one"
    browser = Client()
    sign_in_staff(browser, maker)
    assert browser.post("/staff/class-one/new/", form).status_code == 403
