"""Security events as a person reads them: plain words, groups, and pages that never shift."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.security.addresses import address_hint
from accounts.security.kinds import KIND_TITLES, kind_title
from accounts.security.looking import record_title
from accounts.security.models import SecurityEvent
from accounts.security.places import place_words
from accounts.security.selectors import list_events_for, list_looks_at
from accounts.users.models import User

PAGE = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WARNINGS = (
    "wrong",
    "locked",
    "refused",
    ".off",
    "removed",
    ".lowered",
    "stopped",
    "_back",
    ".claimed",
    ".freed",
)


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds that belong together: those that begin with one of `prefixes`."""

    code: str
    title: str | Promise
    prefixes: tuple[str, ...] = ()

    def kinds(self) -> list[str]:
        """The kinds in it."""
        return [kind for kind in KIND_TITLES if kind.startswith(self.prefixes)]


STAFF = "staff"
GROUPS = (
    Group("", gettext_lazy("All")),
    Group(
        "sign-in",
        gettext_lazy("Signing in"),
        ("sign_in.", "sign_out.", "session.", "device.", "step_up."),
    ),
    Group(
        "secrets",
        gettext_lazy("Passwords and factors"),
        (
            "login_password.", "payment_password.", "two_factor.", "passkey.", "recovery_codes.",
            "second_proof.", "freeze_code.", "change.",
        ),
    ),
    Group(
        "person", gettext_lazy("Phone and person"), ("phone.", "identity.", "person.", "number.")
    ),
    Group(
        "money",
        gettext_lazy("Wallet and cards"),
        ("wallet.", "card.", "standing_order.", "transfer_batch.", "payment.", "caution."),
    ),
    Group(STAFF, gettext_lazy("Bank staff")),
)  # fmt: skip

# The groups of staff (accounts/support/roles.py), for the customer whose record they opened.
_ROLES: dict[str, str | Promise] = {
    "Support": gettext_lazy("Support"),
    "Support lead": gettext_lazy("Support lead"),
    "Operations": gettext_lazy("Operations"),
    "Operations checker": gettext_lazy("Operations checker"),
    "Auditor": gettext_lazy("Auditor"),
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the log. `who` is the role of the member of staff who did it, `what` the record
    they opened, `reason` what they wrote."""

    title: str
    at: datetime
    is_warning: bool
    device: str
    place: str
    who: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some lines, newest first, and where the next ones begin ("" at the end)."""

    lines: list[EventLine]
    next_cursor: str


def lines_of(events: Iterable[SecurityEvent], user: User) -> list[EventLine]:
    """Events in words, in the language of the page."""
    return [_line(event, user) for event in events]


def read_page(user: User, *, group: str, after: str) -> EventPage:
    """The events of a group (codes of `GROUPS`; unknown ones mean all) from a place in the list."""
    rows = _rows(user, group)
    cursor = _parse(after)
    if cursor is not None:
        moment, pk = cursor
        # The first bound alone is what the index goes by.
        rows = rows.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(pk__lt=pk))
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return EventPage(lines_of(found[:PAGE], user), _place(last) if last else "")


def find_group(code: str) -> Group:
    """The group with this code; all of them for any other."""
    return next((group for group in GROUPS if group.code == code), GROUPS[0])


def _rows(user: User, code: str) -> QuerySet[SecurityEvent]:
    group = find_group(code)
    if group.code == STAFF:
        rows = list_looks_at(user)
    else:
        rows = list_events_for(user)
        if group.prefixes:
            rows = rows.filter(kind__in=group.kinds())
    return rows.prefetch_related("actor__groups").order_by("-created_at", "-pk")


def _line(event: SecurityEvent, user: User) -> EventLine:
    facts = event.details
    return EventLine(
        title=kind_title(event.kind),
        at=event.created_at,
        is_warning=any(word in event.kind for word in _WARNINGS),
        device=str(facts.get("device", "")),
        place=place_words(address_hint(event.address)) if event.actor_id is None else "",
        who=_role(event, user),
        what=record_title(str(facts.get("record", ""))),
        # What the software writes for itself is for nobody's eyes.
        reason=str(facts.get("reason", "")) if event.actor_id not in {None, user.pk} else "",
    )


def _role(event: SecurityEvent, user: User) -> str:
    """Which part of the bank it was; names of staff stand nowhere."""
    actor = event.actor
    if actor is None or actor.pk == user.pk:
        return ""
    names = [group.name for group in actor.groups.all()]
    return " · ".join(str(_ROLES.get(name, name)) for name in names) or _("bank staff")


def _place(event: SecurityEvent) -> str:
    micros = (event.created_at - _EPOCH) // timedelta(microseconds=1)
    return f"{micros}-{event.pk}"


def _parse(text: str) -> tuple[datetime, int] | None:
    """Where a page goes on; None for the beginning and for anything that is no place."""
    micros, _dash, pk = text.partition("-")
    digits = (micros, pk)
    if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in digits):
        return None
    try:
        return _EPOCH + timedelta(microseconds=int(micros)), int(pk)
    except OverflowError:
        return None
