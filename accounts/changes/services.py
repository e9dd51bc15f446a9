"""Telling people of risky changes, and taking changes back."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.changes.errors import CannotUndo, WalkExpired
from accounts.changes.models import Change, ChangeSeen, NotMeWalk
from accounts.changes.selectors import way_by_walk
from accounts.changes.undoing import ProvePerson, Way, get_undo, list_stops
from accounts.identity import vault
from accounts.phone import services as phone_services
from accounts.phone.states import Asker
from accounts.security import throttle
from accounts.security.keyed import keyed_hash, keyed_hashes
from accounts.security.letters import parse_two_groups
from accounts.security.models import UserSession
from accounts.security.retries import in_one_transaction
from accounts.security.services import Detail, end_sessions, record_event
from accounts.users.models import User
from accounts.users.services import lock_person

PURPOSE = "not_me"
# The text for a pair of number and phone that do not belong together, which carries no code; and
# its purpose, so that strangers who try pairs use up nothing of who has the right one.
UNKNOWN = "not_me_unknown"
UNDONE = "change.undone"
_TOLD = "change_told"


def note_change(
    *,
    user: User,
    kind: str,
    session: UserSession | None = None,
    address: str = "",
    actor: User | None = None,
    details: Mapping[str, Detail] | None = None,
    undo: Mapping[str, Any] | None = None,
    also_to: str = "",
    to: Sequence[str] | None = None,
    message: str = "risky_change",
) -> Change:
    """Write down a risky change and tell its owner everywhere; joins the caller's transaction.

    Writes the security event `kind`, a text message with the change's number to the person's phone
    and to `also_to` (an old number, E.164), and the notice that every other signed-in browser
    shows. `undo` is what taking it back needs (kept encrypted): with it, and where the kind is
    registered in `undoing.py`, the change can be undone for 24 hours. `session` is the browser in
    which it was made. `to` are other numbers to write to than the person's own, or none: theirs may
    be in the hands of somebody else. `message` names another text (phone/messages.py) than the
    general one.
    """
    now = timezone.now()
    is_undoable = undo is not None and get_undo(kind) is not None
    own = [str(user.phone)] if to is None else []
    numbers = list(dict.fromkeys([*own, *(to or ()), *([also_to] if also_to else [])]))
    with transaction.atomic():
        change = Change.objects.create(
            user=user,
            actor=actor,
            kind=kind,
            session=session,
            device_id=session.device_id if session else None,
            told=[_told(number) for number in numbers],
            undo_encrypted=vault.encrypt(json.dumps(undo)) if is_undoable else "",
            undo_until=now + timedelta(seconds=settings.CHANGES["undo_seconds"])
            if is_undoable
            else None,
            created_at=now,
        )
        facts = {**(details or {}), "change": change.number}
        record_event(user=user, kind=kind, actor=actor, address=address, details=facts)
        params = {"number": change.number, "kind": kind}
        if own:
            phone_services.send_notice(user=user, message=message, params=params)
        for number in numbers[len(own) :]:
            phone_services.send_notice_to(phone=number, message=message, params=params, about=user)
    return change


def mark_seen(*, change: Change, session: UserSession) -> None:
    """The notice was read on this device. Twice is fine.

    Whoever made the change reads nothing away: not where it was made, and elsewhere only for that
    device, unless it was the owner's before: known, as payments count it, when it was made.
    """
    if change.is_made_in(session):
        return
    device = session.device
    ChangeSeen.objects.bulk_create(
        [
            ChangeSeen(
                change=change,
                session=session,
                device=device,
                is_for_all=device is not None and device.was_known_at(change.created_at),
            )
        ],
        ignore_conflicts=True,
    )


def forget_changes(*, user: User) -> None:
    """Show no notice of what was changed so far, and let none of it be undone: for people whom an
    installation makes, not for customers. The security events stay."""
    Change.objects.filter(user=user).delete()


def undo_change(*, change: Change, keep: UserSession | None = None, address: str = "") -> None:
    """Take a change back, once: the caller has checked who asks. Every other session ends.

    Raises `CannotUndo`, and whatever Refusal the kind has: then everything is as it was. Call it
    outside any transaction.
    """
    undo = get_undo(change.kind)
    if undo is None or not change.may_be_undone:
        raise CannotUndo
    now = timezone.now()

    def work() -> None:
        user = lock_person(change.user_id)
        # The row count decides: of many requests at once a single one undoes it.
        taken = Change.objects.filter(pk=change.pk, undone_at=None, undo_until__gt=now).update(
            undone_at=now
        )
        if not taken:
            raise CannotUndo
        undo.carry_out(change, json.loads(vault.decrypt(change.undo_encrypted)))
        user.refresh_from_db()
        end_sessions(user=user, why="change_undone", keep=keep)
        # Whoever holds the phone alone may have done it: every other device says so as well. The
        # text message names the change that was taken back, and gives nobody another number.
        note_change(
            user=user,
            kind=UNDONE,
            session=keep,
            address=address,
            details={"what": change.kind, "undone": change.number},
            to=(),
        )
        phone_services.send_notice(
            user=user, message="change_undone", params={"number": change.number}
        )

    in_one_transaction(work)
    change.undone_at = now


def start_walk(
    *, number: str, phone: str, session_key: str, address: str, asker: Asker
) -> NotMeWalk:
    """Begin with the number out of a text message and the phone that got it (E.164).

    Every pair is answered alike; a pair that does not belong together gets a text without a code.
    Raises `TooManyRequests` and what `accounts.phone` refuses with. Call it outside any
    transaction.
    """
    throttle.hit(action="not_me", address=address)
    change = _find(number, phone)
    purpose = PURPOSE if change else UNKNOWN
    challenge = phone_services.request_code(
        purpose=purpose,
        phone=phone,
        session_key=session_key,
        address=address,
        asker=asker,
        bound_to=parse_two_groups(number) or "",
        message=purpose,
    )
    return NotMeWalk.objects.create(
        change=change,
        phone_encrypted=vault.encrypt(phone),
        challenge_id=challenge.public_id,
        expires_at=timezone.now() + timedelta(seconds=settings.CHANGES["walk_seconds"]),
    )


def prove_walker(*, walk: NotMeWalk, code: str, session_key: str) -> None:
    """Check the code; from then on this browser may stop and undo. Raises as `verify_code`."""
    phone_services.verify_code(challenge_id=walk.challenge_id, code=code, session_key=session_key)
    if walk.change is None:
        raise WalkExpired
    walk.proved_at = timezone.now()
    walk.save(update_fields=["proved_at"])


def undo_by_walk(*, walk: NotMeWalk, address: str, prove_person: ProvePerson | None = None) -> None:
    """Take back the change of a walk whose phone was proved; `prove_person` is asked first where
    the phone is not enough. Raises what it does, and `CannotUndo`, also for what no walk takes
    back. Call it outside any transaction."""
    change = _proved_change(walk)
    way = way_by_walk(walk)
    if way is Way.PERSON and prove_person is not None:
        prove_person(change.user)
    elif way is not Way.PHONE:
        raise CannotUndo
    undo_change(change=change, address=address)


def stop_everything(*, walk: NotMeWalk, address: str) -> None:
    """Sign out every browser and stop money from leaving: whoever made the change is out."""
    user_id = _proved_change(walk).user_id

    def work() -> None:
        user = lock_person(user_id)
        # The wallets come before the sessions, as whoever freezes takes them.
        for stop in list_stops():
            stop(user)
        end_sessions(user=user, why="not_me")
        record_event(user=user, kind="change.stopped", address=address)

    in_one_transaction(work)


def _proved_change(walk: NotMeWalk) -> Change:
    if walk.change is None or walk.proved_at is None or walk.expires_at <= timezone.now():
        raise WalkExpired
    return walk.change


def _find(typed: str, phone: str) -> Change | None:
    """The change with this number, if this phone was told of it not too long ago."""
    number = parse_two_groups(typed)
    rows = Change.objects.select_related("user")
    change = rows.filter(number=number).first() if number else None
    told = change.told if change else [_told("nobody")]
    now_theirs = str(change.user.phone) if change else "nobody"
    # All of them are compared, so that the time says nothing; what was told before the index key
    # was turned over was hashed under an older one.
    given = keyed_hashes(purpose=_TOLD, text=phone)
    matches = [hmac.compare_digest(each, known) for known in told for each in given]
    is_own = hmac.compare_digest(phone.encode(), now_theirs.encode())
    # Another number than the person has today goes to strangers in time, old texts with it.
    lasts = settings.CHANGES["told_days" if is_own else "told_elsewhere_days"]
    oldest = timezone.now() - timedelta(days=lasts)
    return change if change and any(matches) and change.created_at > oldest else None


def _told(phone: str) -> str:
    return keyed_hash(purpose=_TOLD, text=phone)
