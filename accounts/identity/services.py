"""Writing who a person is, and how sure we are."""

from __future__ import annotations

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.identity.errors import IdentityMissing, IdentityTaken
from accounts.identity.models import Identity
from accounts.identity.names import clean_name
from accounts.identity.numbers import clean_id_number
from accounts.identity.selectors import is_id_number_taken
from accounts.identity.vault import blind_index, encrypt
from accounts.security.services import record_event
from accounts.users.models import User

_when_added: list[Callable[[User, str], None]] = []

_ORDER = ("identity", "card", "in_person")


def when_added(know_again: Callable[[User, str], None]) -> None:
    """Have this called with the person and the tidy ID number in the transaction that adds it; for
    rooms above this one, once, when Django starts."""
    _when_added.append(know_again)


def add_identity(*, user: User, name: str, id_number: str) -> Identity:
    """Give a person name and ID number; once. One ID number belongs to one person. The caller
    writes the event: at sign-up it is no change, later its owner is told.

    Raises `IdentityTaken`, and `ValidationError` for what no ID card says. May stand inside the
    caller's transaction: a taken number leaves it usable.
    """
    number = clean_id_number(id_number)
    # Written under an older key, a number would slip past the constraint.
    if is_id_number_taken(number):
        raise IdentityTaken
    try:
        with transaction.atomic():
            identity = Identity.objects.create(
                user=user,
                name_encrypted=encrypt(clean_name(name)),
                id_number_encrypted=encrypt(number),
                id_number_index=blind_index(number),
            )
    except IntegrityError:
        raise IdentityTaken from None
    for know_again in _when_added:
        know_again(user, number)
    return identity


def raise_assurance(*, user: User, level: str, reason: str, actor: User | None = None) -> Identity:
    """Be surer of a person than before, never less sure; the same level again changes nothing.

    `level` is "card" or "in_person"; `actor` is the member of staff who looked. Raises
    `IdentityMissing` when there is nothing to be sure of.
    """
    wanted = _ORDER.index(level)
    with transaction.atomic():
        identity = Identity.objects.select_for_update().filter(user=user).first()
        if identity is None:
            raise IdentityMissing
        if wanted > _ORDER.index(identity.level):
            before = identity.level
            identity.level = level
            identity.level_changed_at = timezone.now()
            identity.save(update_fields=["level", "level_changed_at"])
            record_event(
                user=user,
                actor=actor,
                kind="identity.level_changed",
                details={"before": before, "after": level, "reason": reason[:200]},
            )
    return identity
