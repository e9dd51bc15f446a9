"""Finding people who have left."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, Q
from django.utils import timezone

from accounts.closing.models import FormerCustomer
from accounts.identity.vault import blind_indexes
from accounts.users.models import User


def find_former(phone: str) -> FormerCustomer | None:
    """Who last had this number (E.164) with us and left; None when somebody has it now."""
    return (
        FormerCustomer.objects.select_related("user")
        .filter(~Exists(User.objects.filter(phone=phone)), phone_index__in=blind_indexes(phone))
        .order_by("-pk")
        .first()
    )


def list_former_selves(*, user: User, phone: str, id_number: str) -> list[FormerCustomer]:
    """What this person was before they left, as far as it was not taken up yet: by the ID number
    for good, and by the phone for a while, unless both have ID numbers and those tell them apart.

    `phone` is the number the wallet is opened with; "" for a person who is here already.
    """
    same = Q()
    if id_number:
        same |= Q(id_number_index__in=blind_indexes(id_number))
    if phone:
        # A number goes to somebody else in the end, who is not to blame.
        since = timezone.now() - timedelta(days=settings.CLOSING["phone_known_days"])
        holder = Q(phone_index__in=blind_indexes(phone), closed_at__gt=since)
        same |= holder & Q(id_number_index="") if id_number else holder
    if not same:
        return []
    found = list(FormerCustomer.objects.filter(same).order_by("pk"))
    # Who went on with one of these rows, and left again, has left what is against them in the
    # later row. When it was somebody else who went on, it is still against this person.
    later = {user.pk, *(row.user_id for row in found)}
    return [row for row in found if row.taken_up_by_id not in later]


def list_over() -> list[int]:
    """Whose personal data the law no longer asks for."""
    over = FormerCustomer.objects.filter(keep_until__lte=timezone.now(), forgotten_at=None)
    return list(over.order_by("keep_until").values_list("pk", flat=True)[:200])
