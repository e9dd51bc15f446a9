"""Having an identity checked, and keeping what came of it: without a name and without a number."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.identity.checks.base import CheckAnswer, IdentityChecker
from accounts.identity.errors import IdentityNotCheckedNow, IdentityNotConfirmed, IdentityRefused
from accounts.identity.models import Identity, IdentityCheck
from accounts.identity.names import clean_name
from accounts.identity.numbers import clean_id_number
from accounts.identity.vault import decrypt
from accounts.security.keyed import keyed_hash
from accounts.users.models import User

logger = logging.getLogger(__name__)
PERSON, CARD = "person", "card"


def check_person(*, name: str, id_number: str, user: User | None = None) -> None:
    """Have name and ID number checked. Call it outside every transaction, after counting the try.

    Raises `IdentityNotConfirmed`, `IdentityRefused`, `IdentityNotCheckedNow`.
    """
    number = clean_id_number(id_number)
    checker = _checker()
    try:
        answer = checker.check_person(name=clean_name(name), id_number=number)
    except Exception:
        answer = _failed()
    _keep(PERSON, number, answer, user)


def check_card(*, user: User, card_number: str) -> None:
    """Have it checked whether a card is the person's whose name and ID number we have. Raises as
    `check_person` does; call it as that."""
    identity = Identity.objects.get(user=user)
    number = decrypt(identity.id_number_encrypted)
    checker = _checker()
    try:
        answer = checker.check_card(
            name=decrypt(identity.name_encrypted), id_number=number, card_number=card_number
        )
    except Exception:
        answer = _failed()
    _keep(CARD, card_number, answer, user)


def forget_subjects(*, all_of_them: bool = False) -> int:
    """Blank whom old checks were about, or all checks (when the index key turns over); how many."""
    checks = IdentityCheck.objects.exclude(subject_hash="")
    if not all_of_them:
        kept = timedelta(seconds=settings.IDENTITY_CHECKS["subject_seconds"])
        checks = checks.filter(at__lt=timezone.now() - kept)
    return checks.update(subject_hash="")


def _failed() -> CheckAnswer:
    # Without the exception: its text may hold what was asked.
    logger.error("the identity check failed with an error")
    return CheckAnswer.UNAVAILABLE


def _checker() -> IdentityChecker:
    checker: IdentityChecker = import_string(settings.IDENTITY_CHECK)()
    return checker


def _keep(what: str, number: str, answer: CheckAnswer, user: User | None) -> None:
    IdentityCheck.objects.create(
        user=user,
        what=what,
        subject_hash=keyed_hash(purpose=f"identity_check|{what}", text=number),
        checker=settings.IDENTITY_CHECK.rsplit(".", 1)[-1][:60],
        answer=answer.value,
    )
    logger.info("identity check of a %s: %s", what, answer.value)
    field = "number" if what == CARD else "id_number"
    if answer == CheckAnswer.MISMATCH:
        raise IdentityNotConfirmed(field)
    if answer == CheckAnswer.REFUSED:
        raise IdentityRefused
    if answer == CheckAnswer.UNAVAILABLE:
        raise IdentityNotCheckedNow
