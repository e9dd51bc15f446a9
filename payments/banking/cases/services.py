"""What staff do about a case: take it, ask the bank again, propose an end, approve it.

An end that moves money takes evidence and two people: one proposes, another one approves, and the
books move in the approval's transaction. Source: the four-eyes principle of ISO/IEC 27002:2022,
5.3 "Segregation of duties".
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.approvals.errors import AboutOneself, Changed, NotAllowed
from accounts.approvals.people import require_apart, require_maker
from accounts.security.services import record_event
from accounts.users.models import User
from ledger.errors import InsufficientFunds
from payments.banking.bookings import (
    NO_ROOM,
    WalletGone,
    book_adjustment,
    book_paid_by_hand,
    credit_return,
    own_wallet,
)
from payments.banking.cases.errors import (
    CaseClosed,
    CaseNotYours,
    EndNotBookable,
    EndNotPossible,
    EvidenceMissing,
    NothingProposed,
    ProposalWaits,
    SecondPersonNeeded,
)
from payments.banking.cases.models import CaseStep, PaymentCase
from payments.banking.cases.opening import close_answered, close_case
from payments.banking.cases.selectors import digest_of, ends_for
from payments.banking.cases.states import CaseEnd, CaseState, StepKind
from payments.banking.clearing import advance_order, finish_by_hand
from payments.banking.models import BankOrder, BankReturn
from payments.banking.states import OPEN_STATES, OrderState
from payments.processing.retries import in_one_transaction

_LEAST_EVIDENCE = 10
# Rights: who works on a case, and who decides what they propose.
WORK, DECIDE = "payments.work_on_cases", "accounts.decide_money"


def take_case(*, case_id: int, by: User) -> PaymentCase:
    """Be the one who is on it; the customer's page says that somebody is. Like every step here it
    raises CaseClosed, and AboutOneself for a case about one's own payment."""
    with transaction.atomic():
        case = _lock_live(case_id, by)
        case.assigned_to = by
        case.assigned_at = timezone.now()
        case.save()
        _note(case, StepKind.TAKEN, by)
        return case


def note_on_case(*, case_id: int, by: User, text: str) -> CaseStep:
    """Write down what was found out."""
    with transaction.atomic():
        return _note(_lock_live(case_id, by), StepKind.NOTED, by, text)


def ask_bank_again(*, case_id: int, by: User) -> BankOrder | None:
    """Ask the bank about the case's order now; None when a worker is asking this moment.

    Outside every transaction: the bank is called.
    """
    with transaction.atomic():
        case = _lock_live(case_id, by)
        _note(case, StepKind.ASKED, by)
        BankOrder.objects.filter(pk=case.order_id).update(next_at=timezone.now())
    return advance_order(order_id=case.order_id)


def propose_end(*, case_id: int, by: User, end: str, evidence: str) -> PaymentCase:
    """Say how the case should end and what proves it. One that changes nothing ends at once;
    every other end waits for a second person, and changes no more while it waits.

    Raises CaseClosed, ProposalWaits, CaseNotYours, EndNotPossible, EvidenceMissing.
    """

    def work() -> PaymentCase:
        case = _lock_live(case_id, by)
        if case.state != CaseState.OPEN:
            raise ProposalWaits
        if case.assigned_to_id != by.pk:
            raise CaseNotYours
        if end not in ends_for(case):
            raise EndNotPossible
        if len(evidence.strip()) < _LEAST_EVIDENCE:
            raise EvidenceMissing
        case.end = end
        case.evidence = evidence.strip()
        case.proposed_by = by
        case.state = CaseState.PROPOSED
        case.save()
        _note(case, StepKind.PROPOSED, by, f"{end}: {case.evidence}")
        if end == CaseEnd.NO_CHANGE:
            close_case(case, end=CaseEnd.NO_CHANGE, text=end)
        return case

    return in_one_transaction(work)


def decline_end(*, case_id: int, by: User, reason: str) -> PaymentCase:
    """Send a proposal back, or take one's own back; the case is open again. Raises CaseClosed,
    NothingProposed, and NotAllowed for who neither proposed it nor may decide it."""
    with transaction.atomic():
        case = _lock_live(case_id, by)
        if case.state != CaseState.PROPOSED:
            raise NothingProposed
        if case.proposed_by_id != by.pk and not by.has_perm(DECIDE):
            raise NotAllowed
        case.state = CaseState.OPEN
        case.proposed_by = None
        case.end = ""
        case.save()
        _note(case, StepKind.DECLINED, by, reason)
        return case


def approve_end(*, case_id: int, by: User, digest: str) -> PaymentCase:
    """Carry out what another person proposed, once. `digest` is that of what `by` has read
    (`digest_of`).

    Raises CaseClosed, NothingProposed, SecondPersonNeeded, NotAllowed, Changed, MakerGone,
    SameBrowser, EndNotPossible, EndNotBookable and NotEnoughMoney; nothing is booked then.
    """
    read = PaymentCase.objects.select_related("proposed_by").get(pk=case_id)
    if read.state == CaseState.PROPOSED:
        # Before the transaction: what it writes down stays.
        require_apart(by, read.proposed_by, *_people_of(read))

    def work() -> PaymentCase:
        # Orders are locked before their cases everywhere, as clearing does.
        order_id = PaymentCase.objects.values_list("order_id", flat=True).get(pk=case_id)
        order = BankOrder.objects.select_for_update(no_key=True).get(pk=order_id)
        case = _lock_live(case_id, by)
        if case.state != CaseState.PROPOSED or case.proposed_by is None:
            raise NothingProposed
        if case.proposed_by_id == by.pk:
            raise SecondPersonNeeded
        if not by.has_perm(DECIDE):
            raise NotAllowed
        if digest != digest_of(case):
            raise Changed
        require_maker(case.proposed_by, WORK)
        if case.end not in ends_for(case):
            raise EndNotPossible
        case.approved_by = by
        end = CaseEnd(case.end)
        try:
            with transaction.atomic():
                _book(case, order, end)
        except (*NO_ROOM, WalletGone, InsufficientFunds) as error:
            raise EndNotBookable from error
        close_case(case, end=end, text=end)
        # What else was open about the order's missing answer is answered now.
        if order.state not in OPEN_STATES:
            close_answered(order=order)
        record_event(
            user=own_wallet(case.payment).owner,
            actor=by,
            kind="payment.case_closed",
            details={
                "case": case.number,
                "end": str(end),
                "payment": case.payment.reference,
                "proposed_by": case.proposed_by_id,
            },
        )
        return case

    return in_one_transaction(work)


def _book(case: PaymentCase, order: BankOrder, end: CaseEnd) -> None:
    if end is CaseEnd.BANK_PAID:
        finish_by_hand(order, OrderState.SETTLED, reason="")
    elif end is CaseEnd.BANK_REFUSED:
        finish_by_hand(order, OrderState.REFUSED, reason="other")
    elif end is CaseEnd.PAID_BY_HAND:
        book_paid_by_hand(order)
    elif end is CaseEnd.CREDIT_WALLET:
        parked = BankReturn.objects.filter(order=order, is_parked=True, payment=None).first()
        if parked is not None:
            credit_return(parked)
        else:
            book_adjustment(order, case_key=str(case.public_id), wallet_is="payee")
    elif end is CaseEnd.DEBIT_WALLET:
        book_adjustment(order, case_key=str(case.public_id), wallet_is="payer")


def _people_of(case: PaymentCase) -> list[User]:
    """Whose money the case is about."""
    payment = case.payment
    sides = [wallet.owner for wallet in (payment.payer_wallet, payment.payee_wallet) if wallet]
    return [*sides, *([payment.created_by] if payment.created_by else [])]


def _lock_live(case_id: int, by: User) -> PaymentCase:
    case = (
        PaymentCase.objects.select_for_update(of=("self",), no_key=True)
        .select_related("order", "payment")
        .get(pk=case_id)
    )
    if case.state == CaseState.CLOSED:
        raise CaseClosed
    if by.pk in {person.pk for person in _people_of(case)}:
        raise AboutOneself
    return case


def _note(case: PaymentCase, kind: StepKind, by: User, text: str = "") -> CaseStep:
    """The step in the case, and for auditors that it was taken and by whom."""
    record_event(
        user=None,
        actor=by,
        kind=f"payment_case.{kind}",
        details={"case": case.number, "end": case.end},
    )
    return CaseStep.objects.create(case=case, kind=kind, by=by, text=text.strip()[:2000])
