"""Points for what a caller shows, and what takes a second person."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator, Sequence

import pytest

from accounts.approvals.models import Proposal
from accounts.approvals.services import approve
from accounts.caution.selectors import caution_of
from accounts.changes.models import Change
from accounts.factors.selectors import has_second_factor
from accounts.factors.services import begin_enrolment, confirm_enrolment
from accounts.security.models import SecurityEvent
from accounts.security.throttle import TooManyRequests
from accounts.signin.tests.doors import app_code
from accounts.support import errors, questions, services
from accounts.support.models import CallerCheck, SupportVisit
from accounts.support.questions import Question
from accounts.support.selectors import check_state
from accounts.users.models import User
from tests.cast import make_staff, read_sms
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
NEW = "+8613900139456"


def _ask(_user: User) -> Sequence[Question]:
    return [Question(f"q{number}", "How much?", "1.00", ["2.00", "3.00"]) for number in range(5)]


@pytest.fixture(autouse=True)
def known_questions() -> Iterator[None]:
    before = list(questions._SOURCES)
    questions._SOURCES[:] = [_ask]
    yield
    questions._SOURCES[:] = before


@pytest.fixture
def lead(db: None) -> User:
    return make_staff("Support lead", phone="+8613600137755")


def open_visit(agent: User, customer: User) -> SupportVisit:
    return services.open_visit(
        agent=agent, customer=customer, why="call", reason="phone is gone", address=""
    )


def give(visit: SupportVisit, **facts: object) -> None:
    """As if the caller had shown it."""
    CallerCheck.objects.filter(visit=visit).update(**facts)


def shown(visit: SupportVisit) -> None:
    now = visit.created_at
    give(visit, code_matched_at=now, id_matched_at=now)


def answer(visit: SupportVisit, *, is_right: bool) -> None:
    services.ask_question(visit=visit)
    right = CallerCheck.objects.get(visit=visit).question["right"]
    services.answer_question(visit=visit, choice=right if is_right else (right + 1) % 3)


def with_factor(user: User) -> None:
    draft = begin_enrolment(user=user)
    confirm_enrolment(user=user, code=app_code(b32encode(draft.key()).decode()))


def test_points_add_up_and_wrong_answers_take_away(olivia: User, alice: User) -> None:
    visit = open_visit(olivia, alice)
    assert check_state(visit).points == 0
    shown(visit)
    state = check_state(visit)
    assert (state.points, state.is_passed, state.may_hand_over) == (80, True, False)
    answer(visit, is_right=True)
    assert check_state(visit).may_hand_over
    with pytest.raises(errors.AnswerWrong):
        answer(visit, is_right=False)
    assert check_state(visit).points == 80
    with pytest.raises(errors.NoQuestion):
        services.ask_question(visit=visit)
    told = SecurityEvent.objects.filter(user=alice, kind__startswith="support.answer")
    assert told.count() == 2


def test_a_question_is_answered_once_and_does_not_say_which_is_right(
    olivia: User, alice: User
) -> None:
    visit = open_visit(olivia, alice)
    services.ask_question(visit=visit)
    state = check_state(visit)
    assert set(state.choices) == {"1.00", "2.00", "3.00"}
    right = CallerCheck.objects.get(visit=visit).question["right"]
    services.answer_question(visit=visit, choice=right)
    with pytest.raises(errors.NoQuestion):
        services.answer_question(visit=visit, choice=right)
    assert (check_state(visit).answers_right, check_state(visit).points) == (1, 0)
    give(visit, id_matched_at=visit.created_at)
    assert check_state(visit).points == 50
    assert check_state(visit).question == ""


def test_asking_until_a_question_suits_is_stopped(olivia: User, alice: User) -> None:
    for _number in range(3):
        visit = open_visit(olivia, alice)
        services.ask_question(visit=visit)
        services.ask_question(visit=visit)
        assert check_state(visit).answers_wrong == 1
    with pytest.raises(TooManyRequests):
        services.ask_question(visit=open_visit(olivia, alice))


def test_a_factor_is_taken_away_by_two_and_can_be_put_back(
    olivia: User, lead: User, alice: User
) -> None:
    with_factor(alice)
    visit = open_visit(olivia, alice)
    shown(visit)
    with pytest.raises(errors.CallerNotChecked):
        services.hand_over(visit=visit, reason="phone is gone")
    answer(visit, is_right=True)
    proposal = services.hand_over(visit=visit, reason="phone is gone")
    assert has_second_factor(alice)
    approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    assert not has_second_factor(alice)
    assert caution_of(alice) is not None
    change = Change.objects.get(user=alice, kind="two_factor.off")
    assert change.actor == lead
    assert change.may_be_undone


def test_another_phone_is_given_by_two_and_both_numbers_are_told(
    olivia: User, lead: User, alice: User
) -> None:
    old = str(alice.phone)
    visit = open_visit(olivia, alice)
    shown(visit)
    answer(visit, is_right=True)
    proposal = services.hand_over(visit=visit, reason="phone is gone", phone=NEW)
    assert NEW not in str(proposal.facts)
    assert str(User.objects.get(pk=alice.pk).phone) == old
    approve(proposal_id=proposal.pk, checker=lead, digest=proposal.digest)
    assert str(User.objects.get(pk=alice.pk).phone) == NEW
    number = Change.objects.get(user=alice, kind="phone.changed").number
    assert number in read_sms(old)
    assert number in read_sms(NEW)


def test_a_phone_that_is_gone_is_replaced_at_the_counter(olivia: User, alice: User) -> None:
    call = open_visit(olivia, alice)
    with pytest.raises(errors.NotAtCounter):
        services.note_document(visit=call)
    visit = services.open_visit(
        agent=olivia, customer=alice, why="visit", reason="phone is gone", address=""
    )
    services.note_document(visit=visit)
    give(visit, id_matched_at=visit.created_at)
    assert not check_state(visit).may_hand_over
    services.ask_question(visit=visit)
    # Open, it counts as wrong.
    assert check_state(visit).points == 40
    right = CallerCheck.objects.get(visit=visit).question["right"]
    services.answer_question(visit=visit, choice=right)
    assert (check_state(visit).is_passed, check_state(visit).may_hand_over) == (True, False)
    answer(visit, is_right=True)
    assert check_state(visit).may_hand_over


@pytest.mark.django_db(transaction=True)
def test_one_answer_counts_once_however_often_it_is_sent(olivia: User, alice: User) -> None:
    visit = open_visit(olivia, alice)
    services.ask_question(visit=visit)
    right = CallerCheck.objects.get(visit=visit).question["right"]
    results = codes_of(
        all_at_once(6, lambda _number: services.answer_question(visit=visit, choice=right))
    )
    assert results == {"": 1, "support.no_question": 5}
    assert check_state(visit).answers_right == 1
    assert not Proposal.objects.exists()
