"""Carrying out bank orders: claim, ask the bank, write its answer down. The tasks call this.

Three separate steps, because the bank is asked outside every transaction. Whatever dies in
between leaves a row that the sweep finds again. A question comes before a second submission, a
second submission carries the same reference, and a second answer finds the order finished.

A finished order is asked about a few more times, less and less often: money that was paid out may
come back, and a bank may contradict itself. The first is booked, as new entries and a payment of
its own; the second changes nothing and becomes a case.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.identity.selectors import full_name
from accounts.identity.vault import decrypt
from accounts.security.sweeping import do_each
from payments.banking.answers import NO_ANSWER, NOT_UNDERSTOOD, Reading, read_answer
from payments.banking.banks import CLEARING_CODE_BY_BIN
from payments.banking.bookings import book_refused, book_returned, book_settled
from payments.banking.calls import call_rail
from payments.banking.cases.opening import close_answered, open_case
from payments.banking.cases.states import CaseKind
from payments.banking.models import BankOrder, BankReturn
from payments.banking.rails import rail_class
from payments.banking.rails.base import Instruction, NoAnswerError, Outcome
from payments.banking.selectors import (
    ASK_AGAIN,
    ASK_AGAIN_LATER,
    CLAIM_SECONDS,
    LONGEST_WAIT_SECONDS,
    list_overdue_orders,
    to_ask_about,
)
from payments.banking.states import OPEN_STATES, TRANSITIONS, OrderKind, OrderState, Problem
from payments.processing.retries import in_one_transaction

logger = logging.getLogger(__name__)

# Looks at a finished order: after a minute, then after twice as long each time up to six hours.
# Counted, not timed, so that a clock set forward ends nothing early. Together about five days.
LOOKS = 28
FIRST_LOOK_SECONDS = 60
# Without a final answer for so long, staff look at it.
USUAL_PATIENCE_SECONDS = 30 * 60
# What the bank said is about another amount or order: staff have to know at once.
_ODD = frozenset({Problem.WRONG_AMOUNT, Problem.OTHER_ORDER, Problem.UNEXPECTED})


def advance_order(*, order_id: int) -> BankOrder | None:
    """Take an order one step further; None when it is not its time or another worker has it."""
    order = _claim(order_id)
    if order is None:
        return None
    reading = _ask(order)
    return in_one_transaction(lambda: _write_down(order_id, reading))


def finish_by_hand(order: BankOrder, state: OrderState, *, reason: str) -> None:
    """End an open order as staff found it to have ended. Under its lock, in a transaction."""
    _finish(order, state, reason=reason, now=timezone.now())
    order.save()


def take_back(order: BankOrder, *, reason: str) -> BankReturn:
    """Money of a settled order came back: book it, once. Under the order's lock, in a transaction.

    Raises ValueError for an order that never settled.
    """
    if order.state != OrderState.RETURNED:
        _take_back(order, reason)
        order.save()
    return BankReturn.objects.get(order=order)


def open_overdue_cases() -> int:
    """Make a case of every order without a final answer for too long; how many were found.

    For the clock: it needs no bank, so a bank that hangs cannot hold it up.
    """
    seconds = _answers_within_seconds()

    def open_one(pk: int) -> int:
        def work() -> int:
            locked = BankOrder.objects.select_for_update(no_key=True).get(pk=pk)
            if locked.state in OPEN_STATES:
                open_case(order=locked, kind=CaseKind.UNKNOWN, said=locked.problem)
            return 1

        return in_one_transaction(work)

    overdue = [order.pk for order in list_overdue_orders(seconds)]
    return do_each(overdue, open_one, what="bank order")


def _answers_within_seconds() -> int:
    """How long the bank may take. A rail that cannot even be imported has no say in it."""
    try:
        said = getattr(rail_class(), "answers_within_seconds", USUAL_PATIENCE_SECONDS)
    except Exception:
        logger.exception("the rail to the bank cannot be used")
        return USUAL_PATIENCE_SECONDS
    return said if type(said) is int and said > 0 else USUAL_PATIENCE_SECONDS


def _claim(order_id: int) -> BankOrder | None:
    """Take the order for CLAIM_SECONDS. The row count of one UPDATE decides between workers."""
    now = timezone.now()
    claimed = BankOrder.objects.filter(to_ask_about(now), pk=order_id).update(
        claimed_until=now + timedelta(seconds=CLAIM_SECONDS), attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    return BankOrder.objects.select_related("card__owner").get(pk=order_id)


def _ask(order: BankOrder) -> Reading:
    """Ask the bank what became of the order. Outside every transaction; never raises."""
    try:
        # Counted before it was sent: an earlier worker may have sent it and died.
        if order.state != OrderState.DUE or order.attempts > 1:
            reading = _poll(order)
            if reading.outcome is not Outcome.NOT_FOUND or order.state not in OPEN_STATES:
                return reading
        instruction = _instruction(order)
        return call_rail(
            lambda rail: read_answer(rail.submit(instruction), order),
            seconds=settings.SANDBOX_BANK["deadline_seconds"],
        )
    except NoAnswerError:
        logger.warning("bank order %s: no answer", order.reference)
        return NO_ANSWER
    except Exception as error:
        # Whatever a rail trips over, the order stays open and is asked about again. The trace
        # stays out of the log: it may quote what the rail was given.
        cause = type(error.__cause__ or error).__name__
        logger.error("bank order %s: the rail failed (%s)", order.reference, cause)
        return NOT_UNDERSTOOD


def _poll(order: BankOrder) -> Reading:
    return call_rail(
        lambda rail: read_answer(rail.poll(order.reference), order),
        seconds=settings.SANDBOX_BANK["deadline_seconds"],
    )


def _instruction(order: BankOrder) -> Instruction:
    return Instruction(
        reference=order.reference,
        direction=order.kind,
        card_number=decrypt(order.card.number_token),
        amount_minor=order.amount_minor,
        currency=order.currency,
        payee_name=full_name(order.card.owner),
        clearing_code=CLEARING_CODE_BY_BIN.get(order.card.bank_bin, ""),
    )


def _write_down(order_id: int, reading: Reading) -> BankOrder:
    """Write the answer and everything that follows from it; inside one durable transaction."""
    order = BankOrder.objects.select_for_update(no_key=True).get(pk=order_id)
    now = timezone.now()
    order.claimed_until = now
    order.problem = reading.problem
    order.bank_reference = reading.bank_reference or order.bank_reference
    if order.state in OPEN_STATES:
        order.sent_at = order.sent_at or now
        _write_open(order, reading, now)
    else:
        _look_again(order, reading, now)
    order.save()
    return order


def _write_open(order: BankOrder, reading: Reading, now: datetime) -> None:
    """The first final answer ends the order; anything else leaves it open."""
    outcome = reading.outcome
    if outcome is Outcome.SETTLED:
        _finish(order, OrderState.SETTLED, reason="", now=now)
    elif outcome is Outcome.REFUSED:
        _finish(order, OrderState.REFUSED, reason=reading.reason, now=now)
    elif outcome is Outcome.RETURNED and order.kind == OrderKind.PAY_OUT:
        # It went out and came back before we asked: both happened, so both are written.
        _finish(order, OrderState.SETTLED, reason="", now=now)
        _take_back(order, reading.reason)
    else:
        if outcome is Outcome.RETURNED:
            order.problem = Problem.UNEXPECTED
        _move(order, OrderState.SENT)
        order.next_at = now + timedelta(seconds=_wait_seconds(order.created_at, now))
        if order.problem in _ODD:
            open_case(order=order, kind=CaseKind.ODD_ANSWER, said=order.problem)
        return
    close_answered(order=order)


def _look_again(order: BankOrder, reading: Reading, now: datetime) -> None:
    """A finished order stays as it is, unless money came back. What does not fit is a case."""
    if reading.outcome is not None:
        order.looks_left = max(order.looks_left - 1, 0)
    order.next_at = now + timedelta(seconds=_look_seconds(order))
    said = reading.outcome
    if order.problem in _ODD:
        open_case(order=order, kind=CaseKind.ODD_ANSWER, said=order.problem)
    elif said is Outcome.RETURNED and order.state == OrderState.SETTLED:
        if order.kind == OrderKind.COLLECT:
            open_case(order=order, kind=CaseKind.CONTRADICTION, said=said)
        else:
            _take_back(order, reading.reason)
    elif (order.state, said) in _CONTRADICTIONS:
        open_case(order=order, kind=CaseKind.CONTRADICTION, said=str(said))


# (what we wrote, what the bank says now). After a return the bank may say any of the three.
_CONTRADICTIONS = frozenset(
    {
        (OrderState.SETTLED, Outcome.REFUSED),
        (OrderState.REFUSED, Outcome.SETTLED),
        (OrderState.REFUSED, Outcome.RETURNED),
    }
)


def _take_back(order: BankOrder, reason: str) -> None:
    _move(order, OrderState.RETURNED)
    order.reason = reason
    book_returned(order, reason=reason)


def _move(order: BankOrder, state: OrderState) -> None:
    if state not in TRANSITIONS[OrderState(order.state)]:
        raise ValueError(f"{order.state} -> {state} is not a way for a bank order")
    order.state = state


def _finish(order: BankOrder, state: OrderState, *, reason: str, now: datetime) -> None:
    _move(order, state)
    order.reason = reason
    order.finished_at = now
    order.looks_left = LOOKS
    order.next_at = now + timedelta(seconds=_look_seconds(order))
    if state is OrderState.SETTLED:
        book_settled(order)
    else:
        book_refused(order)


def _wait_seconds(created_at: datetime, now: datetime) -> int:
    age = (now - created_at).total_seconds()
    return next((wait for limit, wait in ASK_AGAIN if age < limit), ASK_AGAIN_LATER)


def _look_seconds(order: BankOrder) -> int:
    taken = LOOKS - order.looks_left
    return int(min(FIRST_LOOK_SECONDS * 2 ** min(taken, 20), LONGEST_WAIT_SECONDS))
