"""Asking for a second proof, taking it, and using it up with the payment it is for.

The order, each step committed before the next: the payment password is right (`ask_for_proof`),
the proof is right (`pass_proof`), and the transaction that moves the money uses the proof up
(`use_proof`). A step left out, another session, another payment, another amount: nothing is found.
Source: OWASP Transaction Authorization; RTS (EU) 2018/389 art. 5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.caution.selectors import new_phone_until
from accounts.factors.errors import FactorWrong, PasskeyRefused
from accounts.factors.selectors import has_settled_factor
from accounts.factors.services import verify_second_factor
from accounts.phone.errors import CodeDead, CodeUsed
from accounts.phone.selectors import find_challenge
from accounts.phone.services import request_code, verify_code
from accounts.phone.states import Asker
from accounts.security.devices import note_device_proved
from accounts.security.services import record_event
from accounts.users.models import User
from payments.proving.asking import Ask, find_reasons
from payments.proving.errors import SecondProofNeeded, SecondProofOver, SecondProofWaits
from payments.proving.models import SecondProof
from payments.proving.selectors import find_waiting
from payments.wallets.amounts import amount_text

if TYPE_CHECKING:
    from accounts.security.models import UserSession

PURPOSE = "payment_proof"


def require_no_proof(ask: Ask, session: UserSession | None) -> None:
    """Raise `SecondProofNeeded` when the owner's rules want more than the payment password.

    Inside the transaction that would move the money, under its locks.
    """
    if find_reasons(ask, session):
        raise SecondProofNeeded


def ask_for_proof(*, ask: Ask, session: UserSession | None) -> SecondProof | None:
    """Write down that the payment password was right and the second proof comes next.

    Again for the same thing in the same session is the same row with new time; when what is
    authorised has changed meanwhile, an old proof is dead. None without a session: whoever has
    no browser of the person's cannot go on.
    """
    if session is None:
        return None
    now = timezone.now()
    until = now + timedelta(seconds=settings.SECOND_PROOF["open_seconds"])
    with transaction.atomic():
        proof, is_new = SecondProof.objects.select_for_update(no_key=True).get_or_create(
            subject_kind=ask.kind,
            subject_id=ask.public_id,
            session=session,
            used_at=None,
            defaults={
                "user": ask.user,
                "digest": ask.digest,
                "amount_minor": ask.amount_minor,
                "reasons": find_reasons(ask, session),
                "expires_at": until,
            },
        )
        if not is_new:
            if proof.digest != ask.digest or proof.is_over:
                # Neither the old proof nor the code that gave it counts any more.
                proof.proved_at, proof.way, proof.challenge_id = None, "", None
            proof.digest, proof.expires_at = ask.digest, until
            proof.amount_minor = ask.amount_minor
            proof.reasons = find_reasons(ask, session)
            proof.save()
    return proof


def way_of(user: User) -> SecondProof.Way | None:
    """The proof to ask this person for: what they have beside the phone, or else a code to it.

    The text message is the weakest and stands in for a factor only where there is none: who took
    over the number must not get past the app with it. A factor counts from the day after it was
    added: whoever has both passwords could add their own, and pay with it. In the day after a
    change of phone the message does not count at all: None for somebody who has nothing else,
    until `new_phone_until`. The rule: docs/how-to/change-of-phone.md.
    """
    if has_settled_factor(user):
        return SecondProof.Way.FACTOR
    return SecondProof.Way.SMS if new_phone_until(user) is None else None


def require_way(user: User) -> SecondProof.Way:
    """The same; raises `SecondProofWaits` when there is none now."""
    way = way_of(user)
    if way is None:
        raise SecondProofWaits(new_phone_until(user) or timezone.now())
    return way


def send_proof_code(*, proof: SecondProof, ask: Ask, session_key: str, address: str) -> None:
    """Send a code bound to this authorisation; the message names payee and amount.

    Raises what `accounts.phone` refuses with; a live code stays alive then.
    """
    challenge = request_code(
        purpose=PURPOSE,
        phone=str(ask.user.phone),
        session_key=session_key,
        address=address,
        asker=Asker.OWN,
        user=ask.user,
        bound_to=ask.digest,
        message_params={
            "payee": ask.payee,
            "amount": amount_text(ask.amount_minor, ask.currency),
        },
    )
    SecondProof.objects.filter(pk=proof.pk).update(challenge_id=challenge.public_id)
    proof.challenge_id = challenge.public_id


def pass_proof(*, proof: SecondProof, ask: Ask, typed: str, session_key: str, address: str) -> None:
    """Check what was typed and mark the proof as passed, once. Call it outside any transaction.

    Raises `FactorWrong`, `FactorLocked`, `CodeWrong`, `CodeDead`, `CodeStopped`, and
    `SecondProofOver` when the time is over or the thing has changed meanwhile; `SecondProofWaits`.
    """
    require_for_this(proof, ask)
    if proof.proved_at is None:
        way = require_way(proof.user)
        if way == SecondProof.Way.FACTOR:
            _check_factor(proof, typed, address)
        else:
            _check_message(proof, typed, session_key)
        _mark_passed(proof, way, address)


def pass_by_passkey(
    *, proof: SecondProof, ask: Ask, check: Callable[[], object], address: str
) -> None:
    """Mark the proof as passed, once, when `check` finds that a passkey has signed for exactly this
    (its question is bound to `ask.digest`). Raises what it raises, and `SecondProofOver`."""
    require_for_this(proof, ask)
    if proof.proved_at is None:
        if require_way(proof.user) != SecondProof.Way.FACTOR:
            raise PasskeyRefused
        check()
        _mark_passed(proof, SecondProof.Way.FACTOR, address)


def require_for_this(proof: SecondProof, ask: Ask) -> None:
    """Raise `SecondProofOver` unless the proof is still for exactly this."""
    if proof.is_over or proof.digest != ask.digest:
        raise SecondProofOver


def use_proof(ask: Ask, session: UserSession | None) -> None:
    """Use the passed proof up, in the transaction that moves the money: rolled back with it.

    Raises `SecondProofOver` when this session has none for exactly this.
    """
    used = 0
    if session is not None:
        used = SecondProof.objects.filter(
            subject_kind=ask.kind,
            subject_id=ask.public_id,
            user_id=ask.user.pk,
            session=session,
            digest=ask.digest,
            proved_at__isnull=False,
            used_at=None,
            expires_at__gt=timezone.now(),
        ).update(used_at=timezone.now())
    if not used:
        raise SecondProofOver


def find_proof(ask: Ask, session: UserSession | None) -> SecondProof | None:
    """The proof that this session was asked for, for exactly this; None for none, or when its
    time is over."""
    found = find_waiting(kind=ask.kind, public_id=ask.public_id, digest=ask.digest, session=session)
    return None if found is None or found.is_over else found


def _check_factor(proof: SecondProof, typed: str, address: str) -> None:
    try:
        verify_second_factor(user=proof.user, code=typed, address=address)
    except FactorWrong:
        # The same form sent twice: the first one has used the code and passed.
        if not SecondProof.objects.filter(pk=proof.pk, proved_at__isnull=False).exists():
            raise


def _check_message(proof: SecondProof, typed: str, session_key: str) -> None:
    challenge = find_challenge(proof.challenge_id, session_key)
    if challenge is None or challenge.bound_to != proof.digest:
        raise CodeDead
    # Used, yet right: the form was sent twice, and the first one has passed.
    with suppress(CodeUsed):
        verify_code(challenge_id=challenge.public_id, code=typed, session_key=session_key)


def _mark_passed(proof: SecondProof, way: SecondProof.Way, address: str) -> None:
    with transaction.atomic():
        passed = SecondProof.objects.filter(
            pk=proof.pk,
            digest=proof.digest,
            proved_at=None,
            used_at=None,
            expires_at__gt=timezone.now(),
        ).update(proved_at=timezone.now(), way=way)
        if passed:
            note_device_proved(session=proof.session)
            record_event(
                user=proof.user,
                kind="second_proof.passed",
                address=address,
                details={"what": proof.subject_kind, "way": way.value},
            )


def reasons_shown(proof: SecondProof) -> Sequence[str]:
    """Why it is asked for; codes of `asking.REASONS`."""
    return [str(reason) for reason in proof.reasons]
