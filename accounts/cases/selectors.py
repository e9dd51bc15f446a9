"""Reading cases: a customer's own, the queue of support, and how long an answer takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.cases.models import Case, CaseMessage, CaseNote, CaseReading
from accounts.cases.numbers import parse_number
from accounts.cases.states import CaseState
from accounts.identity.vault import blind_indexes
from accounts.phone.health import are_all_down
from accounts.phone.models import SmsCode
from accounts.phone.selectors import list_codes_to
from accounts.users.models import User
from accounts.users.selectors import find_user_by_phone

# So many newest answers are looked at, and fewer than so many say nothing.
_ANSWERS_MOST, _ANSWERS_LEAST = 200, 3
_OTHERS_MOST = 20
_LONGEST_WAIT = F("waiting_since").asc(nulls_last=True)


def get_case_for(user: User, public_id: UUID) -> Case:
    """The case of this customer. Raises Http404 for any other, as for none."""
    case = Case.objects.filter(user=user, public_id=public_id).first()
    if case is None:
        raise Http404
    return case


def list_cases_for(user: User) -> QuerySet[Case]:
    """A customer's cases, newest first."""
    return Case.objects.filter(user=user)


def count_open_for(user: User) -> int:
    """How many of them are not closed."""
    return list_cases_for(user).exclude(state=CaseState.CLOSED).count()


def count_unread_for(user: User) -> int:
    """How many of them have an answer that was not read."""
    return Case.objects.filter(user=user, unread_since__isnull=False).count()


def get_case_for_staff(public_id: UUID) -> Case:
    """Any case, for who may work on cases. Raises Http404 for none."""
    case = Case.objects.select_related("user", "assigned_to").filter(public_id=public_id).first()
    if case is None:
        raise Http404
    return case


def find_case_taken_by(agent: User, public_id: object) -> Case | None:
    """The case, if this member of staff is on it and somebody can be reached about it."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        return None
    case = Case.objects.filter(public_id=wanted, assigned_to=agent).first()
    return case if case is not None and case.phone else None


def find_case_without_owner(public_id: object) -> Case | None:
    """A case of somebody who was not signed in; None for a customer's own, as for none."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        return None
    return Case.objects.filter(public_id=wanted, user=None).first()


def list_queue() -> QuerySet[Case]:
    """Cases that are not closed: who waits for us first, the longest wait on top; at the end those
    of numbers that more were opened for than one person writes."""
    live = Case.objects.exclude(state=CaseState.CLOSED).select_related("assigned_to")
    return live.order_by("is_repeat", _LONGEST_WAIT, "pk")


def list_others_of_number(case: Case) -> list[Case]:
    """Other cases that are not closed and were opened for the same number by somebody not signed
    in, the newest first: of many, one may be its owner's."""
    if not case.phone_index:
        return []
    same = list_queue().filter(phone_index__in=blind_indexes(case.phone), user=None)
    return list(same.exclude(pk=case.pk).order_by("-pk")[:_OTHERS_MOST])


def filter_queue(
    *, agent: User, state: str = "", topic: str = "", who: str = "", number: str = ""
) -> QuerySet[Case]:
    """The queue as an agent wants to see it: `state` is one of the states or "waiting", `who` is
    "mine" or "nobody". A number finds its case whatever else is chosen; closed ones, too."""
    everything = Case.objects.select_related("assigned_to")
    if number:
        return everything.filter(number=parse_number(number) or "-")
    if state in CaseState.values:
        found = everything.filter(state=state).order_by("is_repeat", _LONGEST_WAIT, "pk")
    else:
        found = list_queue()
    if state == "waiting":
        found = found.filter(waiting_since__isnull=False)
    if topic:
        found = found.filter(topic=topic)
    if who:
        found = found.filter(assigned_to=agent if who == "mine" else None)
    return found


def list_notes(case: Case) -> list[CaseNote]:
    """What staff wrote for each other, oldest first."""
    found = list(case.notes.select_related("by"))
    for note in found:
        note.case = case
    return found


@dataclass(frozen=True)
class Delivery:
    """How text messages to a number without a wallet went; no code is readable here."""

    codes: list[SmsCode]
    is_down: bool


def find_delivery(case: Case) -> Delivery | None:
    """Whether the system is at fault when no code comes to somebody who is no customer yet. A
    customer's own record is opened at the desk, with its check: None for their numbers."""
    phone = case.phone
    if case.user_id is not None or not phone or find_user_by_phone(phone) is not None:
        return None
    return Delivery(codes=list_codes_to(phone), is_down=are_all_down())


def list_messages(case: Case) -> list[CaseMessage]:
    """The thread, oldest first."""
    found = list(case.messages.all())
    for message in found:
        # Its key is read for every text.
        message.case = case
    return found


def usual_wait_seconds() -> int | None:
    """The median time to a first answer, of the last days; None while there are too few."""
    since = timezone.now() - timedelta(days=settings.CASES["wait_days"])
    newest = (
        Case.objects.filter(first_answered_at__gt=since)
        .order_by("-first_answered_at")
        .values_list("opened_at", "first_answered_at")[:_ANSWERS_MOST]
    )
    waits = [(answered - opened).total_seconds() for opened, answered in newest if answered]
    return int(median(waits)) if len(waits) >= _ANSWERS_LEAST else None


def find_reading(public_id: object) -> CaseReading | None:
    """An unfinished walk that is not over; None for anything else, well-formed or not."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        return None
    return (
        CaseReading.objects.select_related("case")
        .filter(public_id=wanted, expires_at__gt=timezone.now())
        .first()
    )
