"""Codes for helpers, and guided views: made by the customer, begun by the helper, ended by both.

Source: OWASP ASVS 5.0 V6.1.3, 6.4.4 (help with authentication is authentication); the words on
both screens keep false helpers out, as transaction confirmation keeps out relays.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.guiding.errors import HelperCodeWrong, ViewOver
from accounts.guiding.models import GuidedView, HelperCode
from accounts.guiding.selectors import is_live
from accounts.security import throttle
from accounts.security.keyed import keyed_hash, keyed_hashes
from accounts.security.letters import parse_two_groups, two_groups
from accounts.security.models import UserSession
from accounts.security.retries import in_one_transaction
from accounts.security.selectors import list_open_sessions_for
from accounts.security.services import record_event
from accounts.users.models import User
from accounts.users.services import lock_person

if TYPE_CHECKING:
    from accounts.support.models import SupportVisit


def make_code(*, user: User, session: UserSession, purpose: str) -> str:
    """A new code for one purpose, `7K3M-94QX`; an older one ends. It is told once, here.

    Raises `TooManyRequests`. Call it outside any transaction.
    """
    throttle.hit(action="guiding.code", person=str(user.public_id))
    code, now = two_groups(), timezone.now()

    def work() -> None:
        lock_person(user.pk)
        HelperCode.objects.filter(user=user, used_at=None, ended_at=None).update(ended_at=now)
        HelperCode.objects.create(
            user=user,
            session=session,
            purpose=purpose,
            code_hash=keyed_hash(purpose="helper_code", text=_bound(user, purpose, code)),
            expires_at=now + timedelta(seconds=settings.GUIDING["code_seconds"]),
        )
        record_event(user=user, actor=user, kind=f"guided.code_{purpose}")

    in_one_transaction(work)
    return code


def use_code(*, customer: User, purpose: str, typed: str) -> HelperCode:
    """Take the customer's code, once: of many at the same moment the row count picks one.

    Joins the caller's transaction. Raises `HelperCodeWrong`. Count the tries before: `count_try`.
    """
    code, now = parse_two_groups(typed), timezone.now()
    if code is None:
        raise HelperCodeWrong
    hashes = keyed_hashes(purpose="helper_code", text=_bound(customer, purpose, code))
    taken = HelperCode.objects.filter(
        user=customer,
        purpose=purpose,
        code_hash__in=hashes,
        used_at=None,
        ended_at=None,
        expires_at__gt=now,
        session__in=list_open_sessions_for(customer),
    ).update(used_at=now)
    if not taken:
        raise HelperCodeWrong
    return HelperCode.objects.filter(user=customer, code_hash__in=hashes).latest("pk")


def count_try(customer: User) -> None:
    """Every code that a helper types counts, over all helpers. Raises `TooManyRequests`. Outside
    any transaction."""
    throttle.hit(action="guiding.try", customer=str(customer.public_id))


def begin_view(*, visit: SupportVisit, session: UserSession, typed: str) -> GuidedView:
    """Begin a guided view with the code that the customer reads out; the customer sees it at once.

    `session` is the helper's browser. Raises `HelperCodeWrong`, `TooManyRequests`. Call it
    outside any transaction.
    """
    customer, agent = visit.customer, visit.agent
    count_try(customer)
    now = timezone.now()
    with transaction.atomic(durable=True):
        code = use_code(customer=customer, purpose=HelperCode.Purpose.LOOK, typed=typed)
        GuidedView.objects.filter(customer=customer, ended_at=None).update(
            ended_at=now, ended_by=GuidedView.EndedBy.NEWER
        )
        view = GuidedView.objects.create(
            customer=customer,
            agent=agent,
            visit=visit,
            session=code.session,
            agent_session=session,
            started_at=now,
            ends_at=now + timedelta(seconds=settings.GUIDING["view_seconds"]),
        )
        record_event(
            user=customer, actor=agent, kind="guided.begun", details={"reason": visit.reason}
        )
    return view


def note_opened(*, view: GuidedView, page: str) -> None:
    """The helper opens a page of the view ("overview", "security", "activity"): the customer sees
    that in the log.

    Raises `ViewOver`. The row of the view is locked, so that nothing is shown after its end.
    """
    with transaction.atomic():
        GuidedView.objects.select_for_update().get(pk=view.pk)
        if not is_live(view):
            raise ViewOver
        record_event(
            user=view.customer,
            actor=view.agent,
            kind=f"guided.opened_{page}",
            details={"reason": view.visit.reason},
        )


def end_view(*, view: GuidedView, by: GuidedView.EndedBy) -> bool:
    """End it, once; whether this call did."""
    with transaction.atomic():
        ended = GuidedView.objects.filter(
            pk=view.pk, ended_at=None, ends_at__gt=timezone.now()
        ).update(ended_at=timezone.now(), ended_by=by)
        if ended:
            actor = view.agent if by == GuidedView.EndedBy.HELPER else view.customer
            record_event(user=view.customer, actor=actor, kind="guided.ended")
    return bool(ended)


def note_place(*, view: GuidedView, view_name: str) -> None:
    """Which page the customer has open now; only while the view is on."""
    if view.at_page != view_name:
        GuidedView.objects.filter(pk=view.pk, ended_at=None).update(
            at_page=view_name[:100], at_page_since=timezone.now()
        )


def _bound(user: User, purpose: str, code: str) -> str:
    """A code is worth nothing at another person's record, nor for another purpose."""
    return f"{user.public_id}|{purpose}|{code}"
