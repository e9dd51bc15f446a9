"""Asking for codes and checking them: one process for every purpose."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from accounts.identity.vault import encrypt
from accounts.phone import limits, pumping
from accounts.phone.binding import session_hash
from accounts.phone.errors import CodeDead, CodeStopped, CodeUsed, CodeWrong, PhoneRefused
from accounts.phone.messages import carries_code
from accounts.phone.models import Challenge, SendGate, SmsCode
from accounts.phone.numbers import clean_phone
from accounts.phone.selectors import newest_code
from accounts.phone.states import Asker
from accounts.phone.tasks import wake_sender
from accounts.security.addresses import address_group
from accounts.security.errors import Refusal
from accounts.security.keyed import keyed_hash
from accounts.security.services import record_event
from accounts.users.models import User

_DIGITS = 6


def request_code(
    *,
    purpose: str,
    phone: str,
    session_key: str,
    address: str,
    asker: Asker,
    user: User | None = None,
    bound_to: str = "",
    message_params: Mapping[str, Any] | None = None,
    message: str = "",
) -> Challenge:
    """Ask for a code for one purpose, bound to person, number, session and `bound_to`.

    Asking again with the same words is a resend: the same challenge gets a newer code. A refused
    one leaves a live code alive. `message` names another text than the purpose's own; a text
    without a code makes a challenge that looks like any other and that nothing ever answers
    (for numbers whose owner must be told something else). `asker` says whose browser this is
    (`askers.asker_of`; `OWN` where the person with this number is signed in). Counted even if
    delivery fails. Raises `CodeCooldown`, `CodeStopped`, `CodesUnavailable`, `PhoneRefused`.
    """
    try:
        number = clean_phone(phone)
    except ValidationError as error:
        raise PhoneRefused(error.messages[0]) from None
    group = address_group(address) if address else ""
    pumping.require_calm(phone=number, address=address, asker=asker)
    with transaction.atomic():
        gate = limits.lock_gates(phone=number, asker=asker, address=group)
        limits.require_room(phone=number, purpose=purpose, asker=asker, address=group, gate=gate)
        facts = {
            "purpose": purpose,
            "phone": number,
            "session_hash": session_hash(session_key),
            "asker": asker.value,
            "user": user,
            "bound_to": bound_to,
        }
        challenge = Challenge.objects.filter(**facts, consumed_at=None).first()
        if challenge is None:
            challenge = Challenge(**facts)
        challenge.message_params = dict(message_params or {})
        challenge.save()
        _post(challenge, message=message or purpose, address=group)
        pumping.mark(challenge, address)
    return challenge


def resend_code(*, challenge_id: UUID, session_key: str, address: str) -> Challenge:
    """Send a newer code for a challenge of this session, with the same words as before.

    Raises `CodeDead` for a challenge that is answered or another session's, and whatever
    `request_code` refuses with.
    """
    asked = Challenge.objects.filter(
        public_id=challenge_id, session_hash=session_hash(session_key), consumed_at=None
    ).first()
    newest = newest_code(asked) if asked else None
    if asked is None or newest is None:
        raise CodeDead
    return request_code(
        purpose=asked.purpose,
        phone=asked.phone,
        session_key=session_key,
        address=address,
        asker=Asker(asked.asker),
        user=asked.user,
        bound_to=asked.bound_to,
        message_params=asked.message_params,
        message=newest.message,
    )


def send_notice(*, user: User, message: str, params: Mapping[str, Any] | None = None) -> None:
    """Tell a person something by text message, in the caller's transaction. No code that anybody
    asks for keeps it away, and no other kind of message; too many of one kind are an event in the
    security centre instead."""
    _notify(phone=str(user.phone), reader=user, about=user, message=message, params=params or {})


def send_notice_to(
    *,
    phone: str,
    message: str,
    params: Mapping[str, Any] | None = None,
    about: User | None = None,
) -> None:
    """The same to a number (E.164) of which nobody knows whose it is, in the active language.
    `about` is the person whom it concerns, if there is one."""
    _notify(phone=phone, reader=None, about=about, message=message, params=params or {})


def _notify(
    *,
    phone: str,
    reader: User | None,
    about: User | None,
    message: str,
    params: Mapping[str, Any],
) -> None:
    if not phone.startswith("+"):
        # Somebody whose number went to somebody else has none to write to.
        return
    # One text tells of many kinds of change: each counts apart.
    kind = f"{message}|{params.get('kind', '')}"
    with transaction.atomic():
        if not limits.has_room_for_notice(phone=phone, kind=kind):
            if about is not None:
                record_event(user=about, kind="phone.notice_stopped", details={"what": kind})
            return
        challenge = Challenge.objects.create(
            purpose=limits.NOTICE,
            phone=phone,
            session_hash="",
            asker="",
            user=reader,
            bound_to=kind,
            message_params=dict(params),
            consumed_at=timezone.now(),
        )
        _post(challenge, message=message, address="")


def verify_code(*, challenge_id: UUID, code: str, session_key: str) -> Challenge:
    """Check what was typed and use the code up; returns the challenge it answers.

    Its own row-locked, committed transaction: call it outside any other one. Another session
    than the one that asked is refused without counting. Raises `CodeWrong`, `CodeDead`,
    `CodeStopped`, and `CodeUsed` for the right code typed again by the session that used it.
    """
    asked = Challenge.objects.filter(
        public_id=challenge_id, session_hash=session_hash(session_key)
    ).first()
    if asked is None:
        raise CodeDead
    with transaction.atomic(durable=True):
        # The number first, as everybody does; then nothing about its codes can change.
        gate = limits.lock_gates(phone=asked.phone, asker=asked.asker)
        refusal = _judge(asked, code, gate)
    if refusal is not None:
        raise refusal
    asked.refresh_from_db()
    return asked


def _judge(asked: Challenge, typed: str, gate: SendGate) -> Refusal | None:
    """Decide under the lock of the number; None when the code is right and now used."""
    if stopped := limits.wrong_stop(gate):
        is_stranger = asked.asker == Asker.STRANGER
        return CodeStopped(stopped, because="wrong", is_for_strangers=is_stranger)
    challenge = Challenge.objects.get(pk=asked.pk)
    newest = newest_code(challenge)
    most = settings.SMS["wrong_per_code"]
    if newest is None or newest.expires_at <= timezone.now() or newest.wrong >= most:
        return CodeDead()
    if not hmac.compare_digest(newest.code_hash, _code_hash(challenge, typed)):
        newest.wrong += 1
        newest.save(update_fields=["wrong"])
        limits.note_wrong(gate)
        left = most - newest.wrong
        return CodeWrong(left) if left and not challenge.consumed_at else CodeDead()
    consumed = Challenge.objects.filter(pk=asked.pk, consumed_at=None).update(
        consumed_at=timezone.now()
    )
    return None if consumed == 1 else CodeUsed()


def _post(challenge: Challenge, *, message: str, address: str) -> None:
    """Write the message row and have the sender woken once it is committed."""
    code = "".join(secrets.choice("0123456789") for _place in range(_DIGITS))
    has_code = carries_code(message)
    # A message without a code still gets a hash: of something nobody can type.
    answer = code if has_code else secrets.token_hex()
    now = timezone.now()
    row = SmsCode.objects.create(
        challenge=challenge,
        phone=challenge.phone,
        purpose=challenge.purpose,
        asker=challenge.asker,
        address_hash=limits.address_key(address),
        message=message,
        locale=(challenge.user.locale if challenge.user else "") or get_language() or "",
        code_encrypted=encrypt(code if has_code else ""),
        code_hash=_code_hash(challenge, answer),
        created_at=now,
        expires_at=now + timedelta(seconds=settings.SMS["code_ttl_seconds"]),
    )
    transaction.on_commit(lambda: wake_sender(row.pk), robust=True)


def _code_hash(challenge: Challenge, code: str) -> str:
    return keyed_hash(purpose=f"sms_code|{challenge.public_id}", text=code)
