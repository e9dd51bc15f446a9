"""What the desk shows of a customer: states and times, masked; never a secret, never a code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.factors.selectors import has_second_factor
from accounts.identity.selectors import (
    assurance_level,
    find_identity,
    masked_name,
    masked_names,
)
from accounts.payment_password.selectors import State, payment_password_state
from accounts.phone.models import SmsCode
from accounts.phone.selectors import list_codes_for
from accounts.security.kinds import kind_title
from accounts.security.selectors import list_events_for
from accounts.security.tries import TriesState
from accounts.signin.selectors import sign_in_lock_state
from accounts.support.models import CallerCheck, SupportVisit
from accounts.support.scoring import CheckState
from accounts.users.models import User

_EVENTS = 15


LEVEL_TITLES: dict[str, str | Promise] = {
    "phone": _("Phone"),
    "identity": _("Phone and ID number"),
    "card": _("Phone, ID number and bank card"),
    "in_person": _("In person"),
}
PURPOSE_TITLES: dict[str, str | Promise] = {
    "sign_up": _("Opening a wallet"),
    "login_reset": _("New login password"),
    "payment_password_reset": _("New payment password"),
    "card_link": _("Linking a card"),
    "support": _("Call with support"),
    "case": _("Reading a case"),
    "notice": _("Notice"),
}


@dataclass(frozen=True)
class CodeLine:
    """A message to the customer's phone: what for and what became of it."""

    title: str | Promise
    sms: SmsCode


@dataclass(frozen=True)
class EventLine:
    """Something that happened to the customer, in plain words."""

    at: datetime
    title: str
    is_by_staff: bool


@dataclass(frozen=True)
class CustomerView:
    """A customer as support sees them."""

    user: User
    name: str
    level_title: str | Promise
    has_identity: bool
    has_two_factor: bool
    sign_in: TriesState
    payment_password: State
    codes: list[CodeLine]
    events: list[EventLine]


def get_visit_for(agent: User, public_id: UUID) -> SupportVisit:
    """The agent's own visit; 404 for anybody else's."""
    visit = (
        SupportVisit.objects.select_related("agent", "customer")
        .filter(public_id=public_id, agent=agent)
        .first()
    )
    if visit is None:
        raise Http404
    return visit


def list_open_visits(agent: User) -> list[tuple[SupportVisit, str]]:
    """The records that are open to this agent now, one a customer, with the masked names."""
    since = timezone.now() - timedelta(seconds=settings.SUPPORT["visit_seconds"])
    visits = SupportVisit.objects.filter(agent=agent, created_at__gt=since)
    newest = {visit.customer_id: visit for visit in visits.order_by("pk")}
    names = masked_names(list(newest))
    return [(visit, names.get(customer, "")) for customer, visit in newest.items()]


def customer_view(customer: User) -> CustomerView:
    """Everything the desk shows, read now."""
    return CustomerView(
        user=customer,
        name=masked_name(customer),
        level_title=LEVEL_TITLES.get(assurance_level(customer), "–"),
        has_identity=find_identity(customer) is not None,
        has_two_factor=has_second_factor(customer),
        sign_in=sign_in_lock_state(customer),
        payment_password=payment_password_state(customer),
        codes=[
            CodeLine(title=PURPOSE_TITLES.get(code.purpose, code.purpose), sms=code)
            for code in list_codes_for(customer)
        ],
        events=[
            EventLine(
                at=event.created_at,
                title=kind_title(event.kind),
                is_by_staff=event.actor_id not in {None, customer.pk},
            )
            for event in list_events_for(customer)[:_EVENTS]
        ],
    )


def check_state(visit: SupportVisit) -> CheckState:
    """How far the caller of this visit has been checked."""
    return state_of_check(visit, CallerCheck.objects.get(visit=visit))


def state_of_check(visit: SupportVisit, row: CallerCheck) -> CheckState:
    """The same, from a row at hand."""
    return CheckState(
        needs_id=find_identity(visit.customer) is not None,
        is_id_matched=row.id_matched_at is not None,
        id_tries_left=max(0, settings.SUPPORT["id_tries"] - row.id_tries),
        is_code_asked=row.challenge_id is not None,
        is_code_matched=row.code_matched_at is not None,
        is_shown_matched=row.shown_matched_at is not None,
        answers_right=row.answers_right,
        answers_wrong=row.answers_wrong,
        question=str(row.question.get("text", "")),
        choices=tuple(row.question.get("choices", ())),
        is_at_counter=visit.why == SupportVisit.Why.VISIT,
        is_document_seen=row.document_seen_at is not None,
        may_ask=len(row.asked) < settings.SUPPORT["questions_per_visit"],
    )
