"""Finding people who have left."""

from __future__ import annotations

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


def find_former_self(*, phone: str, id_number: str) -> FormerCustomer | None:
    """The same person before they left: by the ID number, or, where none is given, the phone."""
    if id_number:
        same = Q(id_number_index__in=blind_indexes(id_number))
    else:
        same = Q(phone_index__in=blind_indexes(phone))
    return FormerCustomer.objects.filter(same).order_by("-pk").first()


def list_over() -> list[int]:
    """Whose personal data the law no longer asks for."""
    over = FormerCustomer.objects.filter(keep_until__lte=timezone.now(), forgotten_at=None)
    return list(over.order_by("keep_until").values_list("pk", flat=True)[:200])
