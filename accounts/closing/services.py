"""Letting a person go, knowing them again, and forgetting them in the end."""

from __future__ import annotations

import math

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.caution.selectors import caution_of
from accounts.caution.services import begin_caution
from accounts.changes.models import Change
from accounts.closing.models import FormerCustomer
from accounts.closing.personal import forget_person
from accounts.closing.selectors import list_former_selves, list_over
from accounts.factors.models import Authenticator, Passkey, RecoveryCode
from accounts.identity.models import Identity
from accounts.identity.vault import blind_index, encrypt
from accounts.payment_password.models import PaymentPassword, UsedPaymentPassword
from accounts.phone.services import send_notice
from accounts.phone_change.services import stop_waiting
from accounts.security.models import KnownDevice
from accounts.security.services import end_sessions, record_event
from accounts.security.sweeping import do_each
from accounts.users.models import User
from accounts.users.services import lock_person


def let_go(*, user: User) -> FormerCustomer:
    """End a person's access for good and keep only what the law asks for.

    Joins the caller's transaction; twice gives the same row. Their sessions end, passwords for
    payments, second factors and known browsers are deleted, name and ID number move into a row
    with a date, phone and ID number are free for a new wallet. The login password stays, so that
    only its owner learns at the door that the wallet is closed.
    """
    with transaction.atomic():
        person = lock_person(user.pk)
        former = FormerCustomer.objects.filter(user=person).first()
        if former is not None:
            return former
        # Before the number goes.
        send_notice(user=person, message="wallet_closed")
        record_event(user=person, kind="wallet.closed")
        former = FormerCustomer.objects.create(user=person, **_to_keep(person))
        end_sessions(user=person, why="closed")
        # What could bring the number back later: it may be somebody else's by then.
        stop_waiting(user=person)
        Change.objects.filter(user=person).update(undo_encrypted="", undo_until=None)
        for model in (
            Identity,
            PaymentPassword,
            UsedPaymentPassword,
            Authenticator,
            Passkey,
            RecoveryCode,
            KnownDevice,
        ):
            model.objects.filter(user=person).delete()
        person.phone = f"closed-{person.pk}"
        person.is_active = False
        person.save(update_fields=["phone", "is_active"])
    return former


def take_up_again(user: User, id_number: str, *, phone: str = "") -> None:
    """Somebody opens a wallet: what they had against them before they left goes on.

    Joins the caller's transaction: at sign-up with the `phone`, after the payment password is
    stored, and when an ID number is added later. Closing and opening again gives no new tries and
    ends no lock and no time of caution; of several wallets left behind the strictest counts.
    Source: specs/security, row 34.
    """
    selves = list_former_selves(user=user, phone=phone, id_number=id_number)
    if not selves:
        return
    _lock_as_before(user, selves)
    now = timezone.now()
    for former in selves:
        if former.caution_until is not None and former.caution_until > now:
            left = math.ceil((former.caution_until - now).total_seconds())
            begin_caution(user=user, why=former.caution_why, seconds=left)
    FormerCustomer.objects.filter(pk__in=[former.pk for former in selves]).update(taken_up_by=user)
    record_event(user=user, kind="wallet.opened_again")


def _lock_as_before(user: User, selves: list[FormerCustomer]) -> None:
    row = PaymentPassword.objects.select_for_update().filter(user=user).first()
    if row is None:
        return
    every: list[PaymentPassword | FormerCustomer] = [row, *selves]
    row.wrong_in_row = max(each.wrong_in_row for each in every)
    row.wrong_since_success = max(each.wrong_since_success for each in every)
    row.locked_until = max((each.locked_until for each in every if each.locked_until), default=None)
    row.is_reset_only = any(each.is_reset_only for each in every)
    row.save(update_fields=["wrong_in_row", "wrong_since_success", "locked_until", "is_reset_only"])


def forget_over() -> int:
    """The sweep: delete the personal data that the law no longer asks for; how many people. One
    that cannot be forgotten stops none behind it."""
    return do_each(list_over(), _forget, what="former customer")


def _forget(pk: int) -> int:
    with transaction.atomic():
        done = FormerCustomer.objects.filter(pk=pk, forgotten_at=None).update(
            taken_up_by=None, forgotten_at=timezone.now()
        )
        if done:
            user = User.objects.get(former_customer=pk)
            forget_person(user.pk)
            user.set_unusable_password()
            user.save(update_fields=["password"])
            record_event(user=user, kind="person.forgotten")
    return done


def _to_keep(person: User) -> dict[str, object]:
    now = timezone.now()
    phone = str(person.phone)
    kept: dict[str, object] = {
        "phone_encrypted": encrypt(phone),
        "phone_index": blind_index(phone),
        "closed_at": now,
        "keep_until": now + relativedelta(years=settings.CLOSING["keep_years"]),
    }
    identity = Identity.objects.filter(user=person).first()
    if identity is not None:
        for name in ("name_encrypted", "id_number_encrypted", "id_number_index", "level"):
            kept[name] = getattr(identity, name)
    row = PaymentPassword.objects.filter(user=person).first()
    if row is not None:
        for name in ("wrong_in_row", "wrong_since_success", "locked_until", "is_reset_only"):
            kept[name] = getattr(row, name)
    caution = caution_of(person)
    if caution is not None:
        kept |= {"caution_why": caution.why, "caution_until": caution.until}
    return kept
