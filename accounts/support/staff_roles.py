"""What members of staff may do: taken away by one administrator at once, given by two.

Whoever has caught one administrator's browser can stop people from working, which is seen, and
can make nobody more than they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.approvals.errors import AboutOneself, NotAllowed
from accounts.approvals.kinds import Line, ProposalKind, register
from accounts.approvals.services import propose
from accounts.security.services import end_sessions, record_event
from accounts.users.models import User

if TYPE_CHECKING:
    from accounts.approvals.models import Proposal

GIVE = "staff.give"
# No role has this right: administrators have it.
MAY = "accounts.change_user"
_BETWEEN = "\n"


def change_staff(
    *, staff: User, roles: Iterable[str], is_active: bool, by: User, reason: str
) -> Proposal | None:
    """Bring a colleague to these roles. What takes away is done now; what gives, also letting
    somebody in again, is proposed to a second administrator, and the proposal is given back.

    Raises `NotAllowed`, `AboutOneself` and `SameBrowser`; what was taken away stays taken away.
    Call it outside any transaction.
    """
    if not by.has_perm(MAY):
        raise NotAllowed
    if staff.pk == by.pk:
        raise AboutOneself
    wanted = set(roles)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=staff.pk, is_staff=True)
        has = set(row.groups.values_list("name", flat=True))
        _take(row, has - wanted, by, reason)
        if row.is_active and not is_active:
            _shut_out(row, by, reason)
        given = sorted(wanted - has)
        comes_back = is_active and not row.is_active
    if not given and not comes_back:
        return None
    return propose(
        kind=GIVE,
        subject=row,
        maker=by,
        reason=reason,
        facts={"roles": _BETWEEN.join(given), "comes_back": comes_back},
    )


def register_all() -> None:
    """Called when Django starts."""
    register(
        ProposalKind(
            name=GIVE,
            title=_("Give a member of staff rights"),
            may_make=MAY,
            may_check=MAY,
            describe=_describe,
            carry_out=_carry_out,
        )
    )


def _take(staff: User, names: set[str], by: User, reason: str) -> None:
    for group in Group.objects.filter(name__in=names).order_by("name"):
        staff.groups.remove(group)
        _note(staff, by, "staff.role_taken", role=group.name, reason=reason)


def _shut_out(staff: User, by: User, reason: str) -> None:
    User.objects.filter(pk=staff.pk).update(is_active=False)
    end_sessions(user=staff, why="disabled")
    staff.is_active = False
    _note(staff, by, "staff.disabled", reason=reason)


def _describe(proposal: Proposal) -> list[Line]:
    staff = proposal.subject
    assert staff is not None
    has = ", ".join(sorted(staff.groups.values_list("name", flat=True)))
    lines: list[Line] = [(_("Has the roles"), has or "–")]
    if roles := _roles_of(proposal):
        lines.append((_("Would get the roles"), ", ".join(roles)))
    if proposal.facts.get("comes_back"):
        lines.append((_("Would be let in again"), _("yes")))
    return lines


def _carry_out(proposal: Proposal) -> None:
    staff, by = proposal.subject, proposal.checker
    assert staff is not None and by is not None
    if proposal.facts.get("comes_back"):
        User.objects.filter(pk=staff.pk, is_staff=True).update(is_active=True)
        _note(staff, by, "staff.enabled", reason=proposal.reason)
    for group in Group.objects.filter(name__in=_roles_of(proposal)).order_by("name"):
        staff.groups.add(group)
        _note(staff, by, "staff.role_given", role=group.name, reason=proposal.reason)


def _roles_of(proposal: Proposal) -> list[str]:
    return [name for name in str(proposal.facts["roles"]).split(_BETWEEN) if name]


def _note(staff: User, by: User, kind: str, **details: str) -> None:
    record_event(user=staff, actor=by, kind=kind, details=details)
