"""One proof lifts one freeze: not the next one, and not what the bank has frozen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.approvals.models import Proposal
from accounts.approvals.services import approve, propose
from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.phone.errors import CodeDead, CodeWrong
from accounts.phone.models import Challenge
from accounts.phone.services import request_code
from accounts.phone.states import Asker
from accounts.security.models import UserSession
from accounts.signin.tests.doors import try_password
from accounts.users.models import User
from payments.safety import services
from payments.safety.errors import FreezeEnded, LiftOver
from payments.safety.models import LiftWalk
from payments.safety.proposals import LIFT
from payments.wallets.models import Freeze, Wallet
from payments.wallets.services import freeze_wallet
from tests.cast import (
    LOGIN_PASSWORD,
    PAYMENT_PASSWORD,
    make_staff,
    read_code,
    wallet_with,
)
from tests.pages import assert_page_is_clean
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]
KEY = "a session"


@pytest.fixture
def purse(alice: User) -> Wallet:
    wallet = wallet_with(alice, "1.00")
    freeze(alice)
    return wallet


def freeze(user: User) -> None:
    services.freeze_person(user=user, how=Freeze.How.SIGNED_IN, by=user)


def start(user: User) -> LiftWalk:
    number = decrypt(Identity.objects.get(user=user).id_number_encrypted)
    return services.start_lift(
        user=user, payment_password=PAYMENT_PASSWORD, id_digits=number[-6:],
        session_key=KEY, address="",
    )  # fmt: skip


def is_frozen(wallet: Wallet) -> bool:
    wallet.refresh_from_db()
    return wallet.is_frozen


def test_a_used_code_lifts_no_second_freeze(purse: Wallet, alice: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = start(alice)
        clock.shift(61)
        second = start(alice)
        assert first.challenge_id != second.challenge_id
        code = read_code(str(alice.phone))
        services.finish_lift(walk=second, code=code, session_key=KEY)
        assert not is_frozen(purse)
        freeze(alice)
        for walk, error in ((first, CodeWrong), (second, LiftOver)):
            with pytest.raises(error):
                services.finish_lift(walk=walk, code=code, session_key=KEY)
    assert is_frozen(purse)


def test_a_code_is_for_its_walk(purse: Wallet, alice: User) -> None:
    walk = start(alice)
    other = request_code(
        purpose=services.PURPOSE, phone=str(alice.phone).replace("136027", "136028"),
        session_key=KEY, address="", user=alice, asker=Asker.OWN,
    )  # fmt: skip
    LiftWalk.objects.update(challenge_id=other.public_id)
    walk.refresh_from_db()
    with pytest.raises(CodeDead):
        services.finish_lift(walk=walk, code=read_code(other.phone), session_key=KEY)
    assert Challenge.objects.get(pk=other.pk).consumed_at is None
    assert is_frozen(purse)


def test_lifting_ends_the_other_walks_and_so_does_freezing(purse: Wallet, alice: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        kept = start(alice)
        code = read_code(str(alice.phone))
        clock.shift(61)
        last = start(alice)
        services.finish_lift(walk=last, code=read_code(str(alice.phone)), session_key=KEY)
        freeze(alice)
        with pytest.raises(LiftOver):
            services.finish_lift(walk=kept, code=code, session_key=KEY)
        clock.shift(61)
        begun = start(alice)
        code = read_code(str(alice.phone))
        freeze(alice)  # frozen already; whoever is lifting it is to begin anew
        with pytest.raises(LiftOver):
            services.finish_lift(walk=begun, code=code, session_key=KEY)
        assert is_frozen(purse)
    assert LiftWalk.objects.filter(used_at__isnull=False).count() == 1


def test_the_same_form_twice_at_once_lifts_once_and_is_told_so_twice(
    purse: Wallet, alice: User
) -> None:
    walk = start(alice)
    code = read_code(str(alice.phone))
    results = all_at_once(
        4, lambda _number: services.finish_lift(walk=walk, code=code, session_key=KEY)
    )
    assert codes_of(results) == {"": 4}
    assert not is_frozen(purse)
    assert Freeze.objects.get().lifted_by == alice


def test_of_freezing_and_lifting_at_once_the_wallet_is_as_the_last_of_them_said(
    purse: Wallet, alice: User
) -> None:
    for _round in range(3):
        with time_machine.travel(timezone.now() + timedelta(seconds=61 * _round), tick=True):
            walk = start(alice)
            code = read_code(str(alice.phone))

            def act(number: int, walk: LiftWalk = walk, code: str = code) -> None:
                if number:
                    freeze(alice)
                else:
                    services.finish_lift(walk=walk, code=code, session_key=KEY)

            assert set(codes_of(all_at_once(3, act))) <= {"", "lift.over"}
            # Two freezes and one lift: the lift was before one of them, or was refused.
            walk.refresh_from_db()
            newest = Freeze.objects.first()
            assert newest is not None
            lifted_last = walk.used_at is not None and newest.lifted_at is not None
            assert is_frozen(purse) != lifted_last
            freeze(alice)


def test_a_decision_about_one_freeze_of_the_bank_lifts_no_later_one(
    alice: User, olivia: User
) -> None:
    wallet = wallet_with(alice)
    maker = make_staff("Operations", phone="+8613600137711")
    checker = make_staff("Operations checker", phone="+8613600137712")
    freeze_wallet(wallet=wallet, by=maker, reason="mistyped number")
    proposals = [
        propose(
            kind=LIFT, subject=alice, maker=maker, reason="withdrawn",
            facts={"wallet": str(wallet.public_id), "freeze": Freeze.objects.get().pk},
        )
        for _number in range(2)
    ]  # fmt: skip
    approve(proposal_id=proposals[0].pk, checker=checker, digest=proposals[0].digest)
    freeze_wallet(wallet=wallet, by=maker, reason="court order 4711")
    with pytest.raises(FreezeEnded):
        approve(proposal_id=proposals[1].pk, checker=checker, digest=proposals[1].digest)
    assert is_frozen(wallet)
    assert Proposal.objects.get(pk=proposals[1].pk).state == "open"


def page_of(user: User) -> str:
    client = Client(headers={"accept-language": "en"})
    try_password(client, user, LOGIN_PASSWORD)
    html = client.get("/security/freeze/").content.decode()
    assert_page_is_clean(html)
    return html


def test_the_page_says_why_the_bank_froze_it_until_when_and_what_to_do(
    alice: User, olivia: User
) -> None:
    freeze_wallet(wallet=wallet_with(alice), by=olivia, reason="court <order> 4711")
    html = page_of(alice)
    assert "Why, in the bank's words" in html and "court &lt;order&gt; 4711" in html
    assert "until the bank lifts it" in html and "until you lift it" not in html
    assert '"/support/new/"' in html and "/security/freeze/lift/" not in html
    assert html.count("<h1") == 1


def test_the_page_says_whose_freeze_is_whose(purse: Wallet, alice: User, olivia: User) -> None:
    html = page_of(alice)
    assert "You froze it yourself" in html and "until you lift it" in html
    assert "bank" not in html.partition("How it was frozen")[2].partition("Freeze code on paper")[0]
    freeze_wallet(wallet=purse, by=olivia, reason="court order 4711")
    html = page_of(alice)
    assert "court order 4711" in html and "does not end the bank" in html


def test_who_lifts_their_own_freeze_beside_the_banks_is_not_told_that_they_can_pay(
    purse: Wallet, alice: User, olivia: User
) -> None:
    client = Client(headers={"accept-language": "en"})
    try_password(client, alice, LOGIN_PASSWORD)
    UserSession.objects.update(proved_at=timezone.now())
    freeze_wallet(wallet=purse, by=olivia, reason="court order 4711")
    assert "The bank's still holds" in client.get("/security/freeze/lift/").content.decode()
    number = decrypt(Identity.objects.get(user=alice).id_number_encrypted)
    client.post(
        "/security/freeze/lift/", {"payment_password": PAYMENT_PASSWORD, "id_digits": number[-6:]}
    )
    done = client.post(
        "/security/freeze/lift/code/", {"code": read_code(str(alice.phone))}, follow=True
    )
    html = done.content.decode()
    assert "Your own freeze is lifted" in html and "you can pay again" not in html
    assert client.get("/security/freeze/lift/")["Location"] == "/security/freeze/"
