"""What support may do: open a record with a reason, check who is calling, end a lock.

Support never sets, sees or sends a secret, and has nothing to do with money.
Source: OWASP ASVS 5.0 V6.4.4 (a reset by support proves identity like enrolment does).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.approvals.people import require_apart
from accounts.cases.models import Case
from accounts.factors.selectors import has_second_factor
from accounts.guiding.models import HelperCode
from accounts.guiding.services import begin_view, count_try, use_code
from accounts.identity.selectors import find_identity, full_name, id_digits_match
from accounts.phone.services import request_code, verify_code
from accounts.phone.states import Asker
from accounts.security import throttle
from accounts.security.services import record_event
from accounts.support import errors
from accounts.support.high_value import is_high_value
from accounts.support.models import CallerCheck, SupportAction, SupportVisit
from accounts.support.proposals import propose_end_of_lock, propose_phone, propose_removal
from accounts.support.questions import draw_question
from accounts.support.selectors import state_of_check
from accounts.support.unlocking import LOCKS, lift, require_locked
from accounts.users.models import User

if TYPE_CHECKING:
    from accounts.approvals.models import Proposal
    from accounts.guiding.models import GuidedView
    from accounts.security.models import UserSession


def open_visit(
    *,
    agent: User,
    customer: User | None,
    why: str,
    reason: str,
    address: str,
    case: Case | None = None,
) -> SupportVisit:
    """Open a customer's record for 15 minutes; the customer sees that it was done, and why.

    `case` is one that the agent has taken. Raises `CustomerNotFound` (nobody, or a
    member of staff) and `OwnRecord`.
    """
    if customer is not None and customer.pk == agent.pk:
        raise errors.OwnRecord
    if customer is None or customer.is_staff:
        raise errors.CustomerNotFound
    with transaction.atomic():
        visit = SupportVisit.objects.create(
            agent=agent, customer=customer, why=why, reason=reason, case=case
        )
        CallerCheck.objects.create(visit=visit)
        record_event(
            user=customer,
            actor=agent,
            kind="support.viewed",
            address=address,
            details={"why": why, "reason": reason, **({"case": case.number} if case else {})},
        )
    return visit


def check_id_digits(*, visit: SupportVisit, digits: str) -> None:
    """Compare what the caller says with the last digits of the ID number; answers yes or no only.

    Every try counts, before it is looked at, for the visit and for the customer: else an agent
    would find the digits out, three at a time. Raises `IdDigitsWrong`, `IdTriesUsed`, `VisitOver`,
    `TooManyRequests`. Call it outside any transaction.
    """
    _require_open(visit)
    throttle.hit(action="support.id", customer=str(visit.customer.public_id))
    with transaction.atomic(durable=True):
        row = _lock_check(visit)
        left = settings.SUPPORT["id_tries"] - row.id_tries
        if left <= 0:
            raise errors.IdTriesUsed
        row.id_tries += 1
        is_match = id_digits_match(visit.customer, digits)
        row.id_matched_at = timezone.now() if is_match else None
        row.save()
        kind = "support.id_right" if is_match else "support.id_wrong"
        record_event(user=visit.customer, actor=visit.agent, kind=kind)
    if not is_match:
        raise errors.IdDigitsWrong(tries_left=left - 1)


def send_code(*, visit: SupportVisit, session_key: str, address: str) -> None:
    """Send a code to the customer's phone, for the caller to read out; the agent never sees it.

    Raises `VisitOver` and what `accounts.phone.request_code` raises.
    """
    _require_open(visit)
    challenge = request_code(
        purpose="support",
        phone=str(visit.customer.phone),
        session_key=session_key,
        address=address,
        asker=Asker.DESK,
        user=visit.customer,
        bound_to=str(visit.public_id),
    )
    CallerCheck.objects.filter(visit=visit).update(
        challenge_id=challenge.public_id, code_matched_at=None
    )


def check_code(*, visit: SupportVisit, code: str, session_key: str) -> None:
    """Check the code that the caller read out. Raises `CodeNotAsked`, `VisitOver`, `Code...`."""
    _require_open(visit)
    row = CallerCheck.objects.get(visit=visit)
    if row.challenge_id is None:
        raise errors.CodeNotAsked
    verify_code(challenge_id=row.challenge_id, code=code, session_key=session_key)
    with transaction.atomic():
        CallerCheck.objects.filter(visit=visit).update(code_matched_at=timezone.now())
        record_event(user=visit.customer, actor=visit.agent, kind="support.code_right")


def check_shown_code(*, visit: SupportVisit, code: str) -> None:
    """Check the code that the caller's own pages show them, signed in; it counts once.

    Raises `HelperCodeWrong`, `VisitOver`, `TooManyRequests`. Call it outside any transaction.
    """
    _require_open(visit)
    count_try(visit.customer)
    with transaction.atomic(durable=True):
        use_code(customer=visit.customer, purpose=HelperCode.Purpose.IDENTIFY, typed=code)
        CallerCheck.objects.filter(visit=visit).update(shown_matched_at=timezone.now())
        record_event(user=visit.customer, actor=visit.agent, kind="support.shown_right")


def begin_guided_view(*, visit: SupportVisit, session: UserSession, code: str) -> GuidedView:
    """Look with the customer for a while, with the code that they read out.

    Raises `HelperCodeWrong`, `VisitOver`, `TooManyRequests`. Call it outside any transaction.
    """
    _require_open(visit)
    return begin_view(visit=visit, session=session, typed=code)


def ask_question(*, visit: SupportVisit) -> None:
    """Draw a question about what the customer did lately; the one before it, unanswered, counts
    as wrong. Raises `NoQuestion`, `VisitOver`, `TooManyRequests`. Outside any transaction."""
    _require_open(visit)
    throttle.hit(action="support.question", customer=str(visit.customer.public_id))
    with transaction.atomic(durable=True):
        row = _lock_check(visit)
        if len(row.asked) >= settings.SUPPORT["questions_per_visit"]:
            raise errors.NoQuestion
        drawn = draw_question(visit.customer, without=row.asked)
        if drawn is None:
            raise errors.NoQuestion
        question, choices = drawn
        row.answers_wrong += 1 if row.question else 0
        row.asked = [*row.asked, question.key]
        row.question = {
            "text": str(question.text),
            "choices": choices,
            "right": choices.index(question.right),
        }
        row.save()


def answer_question(*, visit: SupportVisit, choice: int) -> None:
    """Take the answer of the caller, once. Raises `AnswerWrong`, `NoQuestion`, `VisitOver`."""
    _require_open(visit)
    with transaction.atomic(durable=True):
        row = _lock_check(visit)
        if not row.question:
            raise errors.NoQuestion
        is_right = choice == row.question["right"]
        row.question = {}
        row.answers_right += is_right
        row.answers_wrong += not is_right
        row.save()
        kind = "support.answer_right" if is_right else "support.answer_wrong"
        record_event(user=visit.customer, actor=visit.agent, kind=kind)
    if not is_right:
        raise errors.AnswerWrong


def note_document(*, visit: SupportVisit) -> None:
    """The agent has the customer before them and their ID document in hand: for people whose phone
    is gone. It counts once the digits on it match the record. The customer sees that it was said.
    Raises `NotAtCounter`, `NoIdentity`, `VisitOver`."""
    _require_open(visit)
    if visit.why != SupportVisit.Why.VISIT:
        raise errors.NotAtCounter
    if find_identity(visit.customer) is None:
        raise errors.NoIdentity
    with transaction.atomic():
        row = _lock_check(visit)
        row.document_seen_at = row.document_seen_at or timezone.now()
        row.save(update_fields=["document_seen_at"])
        record_event(user=visit.customer, actor=visit.agent, kind="support.document_seen")


def hand_over(*, visit: SupportVisit, reason: str, phone: str = "") -> Proposal:
    """Propose that the second factor is taken away, or, with `phone` (E.164), another number: a
    second person decides. Raises `CallerNotChecked`, `VisitOver`, `SameBrowser`, `NothingLocked`
    when there is no factor. Call it outside any transaction."""
    require_apart(visit.agent, visit.customer)
    with transaction.atomic():
        _require_open(visit)
        check = _lock_check(visit)
        if phone:
            return propose_phone(visit=visit, check=check, phone=phone, reason=reason)
        if not has_second_factor(visit.customer):
            raise errors.NothingLocked
        return propose_removal(visit=visit, check=check, reason=reason)


def end_lock(*, visit: SupportVisit, which: str, reason: str) -> Proposal | None:
    """End a lock of the caller, once ("sign-in", "payment-password"); of a wallet of high value:
    propose it to a second person, and give the proposal back.

    Wrong tries so far stay counted. Raises `CallerNotChecked`, `NothingLocked`, `VisitOver`,
    `AlreadyProposed`, `SameBrowser` (agent and customer are perhaps one person), and
    `PaymentPasswordLocked` when only a new payment password helps: then the customer sets one,
    support cannot. Call it outside any transaction.
    """
    require_apart(visit.agent, visit.customer)
    with transaction.atomic():
        _require_open(visit)
        # Under the lock of the check, so that of ten requests at once the first one acts and the
        # others find nothing locked.
        check = _lock_check(visit)
        if not state_of_check(visit, check).is_passed:
            raise errors.CallerNotChecked
        require_locked(which=which, customer=visit.customer)
        if is_high_value(visit.customer):
            return propose_end_of_lock(visit=visit, check=check, which=which, reason=reason)
        lift(which=which, customer=visit.customer, by=visit.agent, reason=reason)
        _note(visit, LOCKS[which].action, reason)
    return None


def reveal(*, visit: SupportVisit, reason: str) -> tuple[str, str]:
    """Full phone number and name, for this answer only; the customer sees that it was done."""
    _require_open(visit)
    with transaction.atomic():
        _note(visit, SupportAction.Action.REVEALED, reason)
        record_event(
            user=visit.customer,
            actor=visit.agent,
            kind="support.revealed",
            details={"reason": reason},
        )
    return str(visit.customer.phone), full_name(visit.customer)


def _require_open(visit: SupportVisit) -> None:
    if not visit.is_open:
        raise errors.VisitOver


def _lock_check(visit: SupportVisit) -> CallerCheck:
    return CallerCheck.objects.select_for_update().get(visit=visit)


def _note(visit: SupportVisit, action: SupportAction.Action, reason: str) -> None:
    SupportAction.objects.create(visit=visit, action=action, reason=reason)
