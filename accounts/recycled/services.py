"""A number that a customer has with us, and somebody else in the world.

The code proves who holds the phone, nothing more: it never opens the wallet that was opened with
the number. The one who holds it asks; the customer is told in every browser and has days to
object; then the number, and nothing else, is free. Rule and reasons:
docs/adr/0011-a-number-is-not-a-person.md.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.caution.services import begin_caution
from accounts.changes.services import note_change
from accounts.identity import vault
from accounts.phone.errors import CodeUsed
from accounts.phone.services import request_code, verify_code
from accounts.phone.states import Asker
from accounts.recycled.errors import FormerLocked, FormerWrong, NothingToObject, WalkOver
from accounts.recycled.models import FormerNumber, NumberClaim, NumberWalk
from accounts.recycled.selectors import find_claim_on, find_former_holder, find_objection
from accounts.recycled.states import ClaimState
from accounts.security import throttle
from accounts.security.addresses import client_address
from accounts.security.devices import find_device_of
from accounts.security.retries import in_one_transaction
from accounts.security.services import end_sessions, record_event
from accounts.security.sweeping import do_each, each_due
from accounts.security.tries import Ladder, TriesLocked, clear_tries, take_try
from accounts.signin.lockout import door_of
from accounts.users.models import NO_PHONE, User
from accounts.users.services import lock_person

PURPOSE = "number_claim"
CLAIMED, KEPT, FREED = "number.claimed", "number.kept", "number.freed"
_SCOPE = "former_number"


def start_walk(*, phone: str, session_key: str, address: str, asker: Asker) -> NumberWalk:
    """Send a code to a number (E.164); the same for every number, whoever has it with us.

    Raises `TooManyRequests` and what `accounts.phone` refuses with. Call it outside any
    transaction.
    """
    throttle.hit(action="number_claim", address=address)
    challenge = request_code(
        purpose=PURPOSE, phone=phone, session_key=session_key, address=address, asker=asker
    )
    return NumberWalk.objects.create(
        phone_encrypted=vault.encrypt(phone),
        challenge_id=challenge.public_id,
        expires_at=timezone.now() + timedelta(seconds=settings.NUMBER_CLAIMS["walk_seconds"]),
    )


def prove_holder(*, walk: NumberWalk, code: str, session_key: str) -> None:
    """Check the code. From here on the one who holds the phone may know whether the number is
    free, and asks for it by coming here. Raises as `verify_code`."""
    with suppress(CodeUsed):
        verify_code(challenge_id=walk.challenge_id, code=code, session_key=session_key)
    walk.proved_at = timezone.now()
    walk.save(update_fields=["proved_at"])
    _claim(walk.phone)


def claim_of(walk: NumberWalk) -> tuple[ClaimState | None, NumberClaim | None]:
    """Where the number stands, for somebody who has proved to hold it: None when it is free."""
    if walk.proved_at is None:
        raise WalkOver
    holder = User.objects.filter(phone=walk.phone).first()
    if holder is None:
        return None, None
    claim = find_claim_on(holder)
    return (ClaimState.WAITING, claim) if claim else (ClaimState.OBJECTED, None)


def keep_number(*, user: User, address: str = "") -> None:
    """The customer says that the number is still theirs. The caller has asked for fresh proof.
    Raises `NothingToObject`."""

    def work() -> None:
        lock_person(user.pk)
        kept = NumberClaim.objects.filter(user=user, state=ClaimState.WAITING).update(
            state=ClaimState.OBJECTED, ended_at=timezone.now()
        )
        if not kept:
            raise NothingToObject
        record_event(user=user, kind=KEPT, address=address)

    in_one_transaction(work)


def free_due() -> int:
    """The sweep: numbers whose time to object is over; how many went. One that cannot be freed
    stops none behind it."""
    due = NumberClaim.objects.filter(state=ClaimState.WAITING, frees_at__lte=timezone.now())

    def free(pk: int) -> int:
        return in_one_transaction(lambda: _free(pk))

    return do_each(each_due(due, by="frees_at"), free, what="claim of a number")


def forget_over() -> int:
    """Delete numbers that nothing is decided by any more; how many rows: old walks, former numbers
    of people who have another one or have left, and the number of a claim that is long over."""
    now = timezone.now()
    over = now - timedelta(days=settings.NUMBER_CLAIMS["objection_days"])
    walks, _each = NumberWalk.objects.filter(expires_at__lt=now).delete()
    left = Q(user__is_active=False) | ~Q(user__phone__startswith=NO_PHONE)
    former, _each = FormerNumber.objects.filter(left).delete()
    claims = NumberClaim.objects.filter(ended_at__lt=over).exclude(phone_encrypted="")
    return walks + former + claims.update(phone_encrypted="")


def check_former_holder(*, request: HttpRequest, phone: str, password: str) -> User:
    """Who this is, when they had this number before and the login password is right.

    A door of its own, since at the usual one the number is somebody else's name by now. Known and
    unknown numbers take the same road: the same counter, one hash. Strangers shut it for strangers,
    and for a time only: without a number there is no reset that would open it again. Raises
    `TooManyRequests`, `FormerLocked`, `FormerWrong`. Call it outside any transaction.
    """
    address = client_address(request)
    throttle.hit(action="sign_in", address=address)
    user = find_former_holder(phone)
    door = door_of(phone, find_device_of(request, str(user.phone) if user else phone))
    try:
        take_try(scope=_SCOPE, subject=door, ladder=Ladder(steps=settings.SIGN_IN["ladder"]))
    except TriesLocked as locked:
        until = locked.state.locked_until
        raise FormerLocked(f"{timezone.localtime(until):%H:%M}" if until else "—") from None
    if user is None:
        # What Django does for names nobody has, too: the price of a look.
        make_password(password)
    if user is None or not user.check_password(password):
        record_event(user=user, kind="sign_in.wrong", address=address)
        raise FormerWrong
    clear_tries(scope=_SCOPE, subject=door)
    throttle.give_back(action="sign_in", address=address)
    return user


def _claim(phone: str) -> None:
    """Begin the time in which the customer may object; once, and not against an objection."""
    holder = User.objects.filter(phone=phone, is_active=True, is_staff=False).first()
    if holder is None:
        return
    now = timezone.now()
    with transaction.atomic():
        # Two at once, or the owner who objects at this moment: one after the other.
        holder = lock_person(holder.pk)
        is_theirs = str(holder.phone) == phone and holder.is_active
        if not is_theirs or find_claim_on(holder) or find_objection(holder):
            return
        # One that waits for a number they have left already stands in nobody's way.
        NumberClaim.objects.filter(user=holder, state=ClaimState.WAITING).update(
            state=ClaimState.MOVED, ended_at=now
        )
        NumberClaim.objects.create(
            user=holder,
            phone_encrypted=vault.encrypt(phone),
            frees_at=now + timedelta(days=settings.NUMBER_CLAIMS["wait_days"]),
        )
        # Not to the number: it may be in the hands of the one who asks.
        note_change(user=holder, kind=CLAIMED, to=())


def _free(pk: int) -> bool:
    """Once, if the number still is theirs: the row count decides. In the caller's transaction."""
    now = timezone.now()
    claim = NumberClaim.objects.get(pk=pk)
    user = lock_person(claim.user_id)
    is_theirs = str(user.phone) == claim.phone and user.is_active
    ended = NumberClaim.objects.filter(pk=pk, state=ClaimState.WAITING, frees_at__lte=now).update(
        state=ClaimState.FREED if is_theirs else ClaimState.MOVED, ended_at=now
    )
    if not ended or not is_theirs:
        return False
    FormerNumber.objects.create(
        user=user,
        phone_index=vault.blind_index(claim.phone),
        phone_encrypted=vault.encrypt(claim.phone),
    )
    User.objects.filter(pk=user.pk).update(phone=f"{NO_PHONE}{user.pk}")
    end_sessions(user=user, why="number_freed")
    begin_caution(user=user, why="phone_changed")
    note_change(user=user, kind=FREED, to=())
    return True
