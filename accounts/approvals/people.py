"""Who counts as two people, for proposals and for everything else that takes two."""

from __future__ import annotations

from accounts.approvals.errors import MakerGone, SameBrowser
from accounts.security.devices import have_shared_device
from accounts.security.services import record_event
from accounts.users.models import User


def require_maker(maker: User, may_make: str) -> None:
    """Raises `MakerGone` when the maker, as they are now, could not propose it any more: what
    somebody left behind on the day they were dismissed is carried out by nobody."""
    now = User.objects.filter(pk=maker.pk, is_active=True, is_staff=True).first()
    if now is None or not now.has_perm(may_make):
        raise MakerGone


def require_apart(actor: User, *others: User | None) -> None:
    """Raises `SameBrowser` when somebody else of those who take part was signed in with a browser
    of `actor` lately, and writes down that it was tried. Call it outside any transaction that the
    refusal rolls back."""
    for other in others:
        if other is None or other.pk == actor.pk or not have_shared_device(actor, other):
            continue
        record_event(user=other, actor=actor, kind="staff.same_browser", details={"refused": True})
        raise SameBrowser
