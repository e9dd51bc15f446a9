"""Forgetting what is no longer needed."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.cases.models import Case, CaseChange, CaseReading
from accounts.cases.states import CaseState, ChangeKind, Party
from accounts.security.sweeping import do_each

_AT_ONCE = 200


@shared_task(name="accounts.cases.forget_old_cases")
def forget_old_cases() -> int:
    """Delete the key and the phone number of cases closed long ago: their texts are noise from
    then on. Walks to a case that are over go, too. Returns how many cases were forgotten."""
    CaseReading.objects.filter(expires_at__lte=timezone.now()).delete()
    before = timezone.now() - timedelta(days=settings.CASES["kept_days"])
    old = Case.objects.filter(
        state=CaseState.CLOSED, closed_at__lt=before, forgotten_at=None
    ).values_list("pk", flat=True)[:_AT_ONCE]
    return do_each(list(old), _forget, what="case")


def _forget(pk: int) -> int:
    with transaction.atomic():
        forgotten = Case.objects.filter(pk=pk, state=CaseState.CLOSED, forgotten_at=None).update(
            forgotten_at=timezone.now(),
            key_encrypted="",
            subject_sealed="",
            phone_encrypted="",
            phone_index="",
            reading_hash="",
            payment_reference="",
        )
        if forgotten:
            CaseChange.objects.create(
                case_id=pk,
                kind=ChangeKind.FORGOTTEN,
                party=Party.SYSTEM,
                state_before=CaseState.CLOSED,
                state_after=CaseState.CLOSED,
            )
    return forgotten
