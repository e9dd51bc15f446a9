"""Opening cases, and what staff do about them. No case moves money."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from accounts.security.services import record_event
from accounts.users.models import User
from payments.banking.models import BankOrder
from payments.banking.reconciliation.errors import CaseClosed
from payments.banking.reconciliation.models import BankFile, CaseNote, ReconciliationCase
from payments.banking.reconciliation.states import CASE_TRANSITIONS, CaseKind, CaseState


def open_case(
    *,
    key: str,
    kind: CaseKind,
    facts: Mapping[str, object],
    at_risk_minor: int = 0,
    currency: str = "",
    file: BankFile | None = None,
    order: BankOrder | None = None,
) -> ReconciliationCase:
    """The case for this trouble, opened now if it is new. Joins the caller's transaction.

    `key` names the trouble: found again, it is the same case. `facts` are plain values without
    names and account numbers; `at_risk_minor` is how much money hangs on it.
    """
    case, is_new = ReconciliationCase.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "facts": {name: value for name, value in facts.items() if value not in (None, "")},
            "at_risk_minor": abs(at_risk_minor),
            "currency": currency,
            "file": file,
            "order": order,
        },
    )
    if is_new:
        CaseNote.objects.create(case=case, to_state=case.state)
    return case


def seen_again(*, case: ReconciliationCase, where: str) -> None:
    """Note that the same trouble was found in another place. Joins the caller's transaction."""
    CaseNote.objects.create(
        case=case, from_state=case.state, to_state=case.state, text=f"= {where}"[:500]
    )


def add_note(*, case: ReconciliationCase, by: User, text: str) -> ReconciliationCase:
    """Write down something about a case; its state stays. Raises CaseClosed."""
    return _step(case, by=by, text=text, to_state=None, assigned_to=None)


def assign_case(*, case: ReconciliationCase, by: User, to: User, text: str) -> ReconciliationCase:
    """Somebody takes it, or gives it to somebody. Raises CaseClosed."""
    return _step(case, by=by, text=text, to_state=CaseState.ASSIGNED, assigned_to=to)


def resolve_case(*, case: ReconciliationCase, by: User, text: str) -> ReconciliationCase:
    """Nothing is left to do; `text` says why. For good. Raises CaseClosed."""
    return _step(case, by=by, text=text, to_state=CaseState.RESOLVED, assigned_to=None)


def _step(
    case: ReconciliationCase,
    *,
    by: User,
    text: str,
    to_state: CaseState | None,
    assigned_to: User | None,
) -> ReconciliationCase:
    """One step under the case's lock: the row and the note, in one transaction."""
    with transaction.atomic():
        locked = ReconciliationCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
        from_state = CaseState(locked.state)
        if not CASE_TRANSITIONS[from_state]:
            raise CaseClosed
        if to_state is not None:
            if to_state not in CASE_TRANSITIONS[from_state]:
                raise CaseClosed
            locked.state = to_state
            locked.assigned_to = assigned_to or locked.assigned_to
            if to_state == CaseState.RESOLVED:
                locked.resolved_at = timezone.now()
            locked.save(update_fields=["state", "assigned_to", "resolved_at"])
        CaseNote.objects.create(
            case=locked, from_state=from_state, to_state=locked.state, text=text, by=by
        )
        record_event(
            user=None,
            actor=by,
            kind=f"reconciliation_case.{to_state or 'noted'}",
            details={"case": locked.pk},
        )
        return locked
