"""One customer who has left something in every encrypted column, through the services only; for
tests of keys that turn over and of data that end."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import time_machine
from django.http import QueryDict
from django.utils import timezone

from accounts.approvals.services import propose
from accounts.cases.contact import contact_support, start_reading
from accounts.cases.services import open_case
from accounts.changes.services import start_walk as start_not_me_walk
from accounts.closing.services import let_go
from accounts.factors.removing import switch_off
from accounts.factors.services import enrol_authenticator
from accounts.phone.states import Asker
from accounts.phone_change.services import start_phone_change
from accounts.recycled.services import free_due, prove_holder
from accounts.recycled.services import start_walk as start_number_walk
from accounts.signin.kept import keep_form
from accounts.signup.selectors import Answers
from accounts.signup.services import save_person
from accounts.support.proposals import PHONE
from accounts.users.models import User
from payments.banking.models import LinkedCard
from payments.banking.reconciliation.tests.builders import bank_day, sent_out
from tests.cast import make_customer, make_id_number, make_phone, make_staff, read_code

ADDRESS, SESSION = "192.0.2.7", "a-session-of-tests"
FORMER_NAME = "林小满"


def leave_traces(person: User, card: LinkedCard) -> None:
    """Whatever a customer with money can begin, begun; and people before them who have left."""
    sent_out(person, card, 120_00)
    bank_day("unknown")
    let_go(user=make_customer(FORMER_NAME))
    _lose_a_number()
    _ask_support(person)
    _begin_walks(person)
    enrol_authenticator(user=person)
    _half_done(person)


def _lose_a_number() -> None:
    """Somebody else holds their number: claimed, and free after two weeks."""
    lost = make_customer("王小留")
    with time_machine.travel(timezone.now() - timedelta(days=15)):
        walk = start_number_walk(
            phone=str(lost.phone), session_key=SESSION, address=ADDRESS, asker=Asker.STRANGER
        )
        prove_holder(walk=walk, code=read_code(str(lost.phone)), session_key=SESSION)
    assert free_due() == 1


def _ask_support(person: User) -> None:
    open_case(user=person, topic="other", subject="A question", body="Where is my money?")
    phone = make_phone()
    case = contact_support(
        phone=phone, topic="other", subject="Locked", body="I cannot sign in.", form_key=uuid4(),
        address=ADDRESS,
    )  # fmt: skip
    start_reading(
        number=case.number, phone=phone, session_key=SESSION, address=ADDRESS, asker=Asker.STRANGER
    )
    propose(
        kind=PHONE, subject=person, maker=make_staff("Support"), reason="lost the phone",
        facts={"points": 90}, phone=make_phone(),
    )  # fmt: skip


def _begin_walks(person: User) -> None:
    start_phone_change(
        user=person, phone=make_phone(), has_old_phone=False, session_key=SESSION, address=ADDRESS
    )
    start_not_me_walk(
        number="ABCD-2345",
        phone=make_phone(),
        session_key=SESSION,
        address=ADDRESS,
        asker=Asker.STRANGER,
    )
    save_person(
        session_key=SESSION,
        answers=Answers(
            kind="identity", name="赵小新", id_number=make_id_number(), phone=make_phone()
        ),
    )


def _half_done(person: User) -> None:
    """A form that was covered, and a factor taken away today."""
    data = QueryDict("note=lunch")
    assert keep_form(user=person, page="/send/", action="/send/", data=data)
    switch_off(user=person)
    enrol_authenticator(user=person)
