"""What begins a time of caution, which one holds, and that nobody ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.caution.models import Caution
from accounts.caution.selectors import caution_of
from accounts.caution.services import begin_caution
from accounts.factors.removing import switch_off
from accounts.payment_password.services import (
    change_payment_password,
    reset_payment_password,
    seal_new,
)
from accounts.security.models import SecurityEvent
from accounts.signin.services import reset_login_password
from accounts.users.models import User
from tests.cast import OTHER_PAYMENT_PASSWORD, PAYMENT_PASSWORD


def test_it_holds_for_a_day_and_ends_by_itself(alice: User) -> None:
    begun = begin_caution(user=alice, why="phone_changed")

    assert begun.until - begun.begins_at == timedelta(seconds=settings.CAUTION["seconds"])
    assert caution_of(alice) == begun
    begin_caution(user=alice, why="support_helped", seconds=1)
    assert caution_of(alice) == begun, "a shorter one shortened the longer one"


def test_an_ended_one_no_longer_holds(alice: User, bob: User) -> None:
    ago = timezone.now() - timedelta(days=1, seconds=1)
    Caution.objects.create(
        user=alice, why="phone_changed", begins_at=ago, until=ago + timedelta(days=1)
    )
    begin_caution(user=bob, why="phone_changed")

    assert caution_of(alice) is None


def test_a_change_that_is_rolled_back_leaves_none(alice: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        begin_caution(user=alice, why="phone_changed")
        raise RuntimeError

    assert caution_of(alice) is None


def test_only_known_reasons_count(alice: User) -> None:
    with pytest.raises(ValueError, match="not a reason"):
        begin_caution(user=alice, why="mood")


def test_nobody_edits_or_deletes_one(alice: User) -> None:
    begin_caution(user=alice, why="phone_changed")

    for statement in (
        "UPDATE accounts_caution SET until = begins_at",
        "DELETE FROM accounts_caution",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda user: reset_login_password(
                user=user, hashed=make_password("a slow tide 88"), address=""
            ),
            "login_password_reset",
        ),
        (
            lambda user: reset_payment_password(
                user=user, sealed=seal_new(user=user, raw=OTHER_PAYMENT_PASSWORD)
            ),
            "payment_password_reset",
        ),
        (
            lambda user: change_payment_password(
                user=user, old=PAYMENT_PASSWORD, new=OTHER_PAYMENT_PASSWORD
            ),
            "payment_password_changed",
        ),
        (lambda user: switch_off(user=user), "factor_removed"),
    ],
)
def test_risky_changes_begin_one(alice: User, change: Any, why: str) -> None:
    change(alice)

    caution = caution_of(alice)
    assert caution is not None and caution.why == why
    assert SecurityEvent.objects.filter(user=alice, kind="caution.begun").count() == 1
