"""Support for people who cannot sign in: a case for a phone number, and the way back to it.

Nothing here ever asks whether a number has a wallet, so no answer, and no time it takes, tells.
There are three ways back, for half of those who write do so because no text message comes:

- the browser that opened the case goes on with it for some hours;
- any browser, with the number of the case and the reading code, which was shown once;
- any browser, with the number and a code to the phone that was given. Who types a number that does
  not belong to the phone gets the same pages; the text message, which only the holder of the phone
  reads, says that there is no such case.

None of them shows who somebody is: whoever wrote reads what was answered to them, and the desk
checks callers by other means.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.cases.errors import ReadingCodeWrong, ReadingExpired
from accounts.cases.models import Case, CaseReading
from accounts.cases.numbers import hash_of_reading_code, new_reading_code, parse_number
from accounts.cases.services import mark_wanted, open_case
from accounts.identity import vault
from accounts.phone import services as phone_services
from accounts.phone.states import Asker
from accounts.security.throttle import hit, take_room

PURPOSE = "case"
# The text for a phone without such a case; it carries no code.
UNKNOWN = "case_unknown"


def contact_support(
    *,
    phone: str,
    topic: str,
    subject: str,
    body: str,
    form_key: UUID | None,
    address: str,
    is_own_browser: bool = False,
) -> Case:
    """Open a case for a phone number (E.164). Raises `TooManyRequests` and what `open_case` does.

    Nobody is refused for the sake of a number, which anybody may know and write for: beyond some
    ("case.repeat" of `settings.RATE_LIMITS`) its cases wait behind those of others. Not those out
    of `is_own_browser`, one in which the number's owner has signed in. Call it outside any
    transaction.
    """
    hit(action="case.contact", address=address)
    room = take_room(action="case.repeat", wanted=0 if is_own_browser else 1, number=phone)
    return open_case(
        topic=topic,
        subject=subject,
        body=body,
        phone=phone,
        form_key=form_key,
        address=address,
        is_repeat=not (room or is_own_browser),
    )


def make_reading_code(*, case: Case) -> str:
    """A reading code for a case of somebody who is not signed in, to be shown once; one made before
    ends. Nothing of it is kept but a hash."""
    code = new_reading_code()
    Case.objects.filter(pk=case.pk, user=None).update(reading_hash=hash_of_reading_code(code))
    return code


def open_with_reading_code(*, number: str, reading_code: str, address: str) -> Case:
    """The case with this number, for who has its reading code. Raises `ReadingCodeWrong` for every
    other pair, and `TooManyRequests`. Call it outside any transaction."""
    hit(action="case.secret", address=address, case=parse_number(number) or "")
    typed = hash_of_reading_code(reading_code)
    case = Case.objects.filter(number=parse_number(number) or "-", user=None).first()
    known = case.reading_hash if case is not None else ""
    if not hmac.compare_digest(typed.encode(), known.encode()) or case is None:
        raise ReadingCodeWrong
    return case


def start_reading(
    *, number: str, phone: str, session_key: str, address: str, asker: Asker
) -> CaseReading:
    """Begin the way back to a case: send a code to the phone (E.164), or the news that there is
    no such case. Raises `TooManyRequests` and what `accounts.phone` refuses with."""
    hit(action="case.reading", address=address)
    case = _find(number, phone)
    challenge = phone_services.request_code(
        purpose=PURPOSE,
        phone=phone,
        session_key=session_key,
        address=address,
        asker=asker,
        # Another case is another question: its code opens no other one.
        bound_to=parse_number(number) or "",
        message=PURPOSE if case else UNKNOWN,
    )
    return CaseReading.objects.create(
        case=case,
        phone_encrypted=vault.encrypt(phone),
        challenge_id=challenge.public_id,
        expires_at=_end(),
    )


def prove_reader(*, reading: CaseReading, code: str, session_key: str) -> CaseReading:
    """Check the code; from then on this browser may read and write for a while.

    Raises what `verify_code` does, and `ReadingExpired` for a walk to nowhere.
    """
    phone_services.verify_code(
        challenge_id=reading.challenge_id, code=code, session_key=session_key
    )
    if reading.case is None:
        raise ReadingExpired
    reading.proved_at, reading.expires_at = timezone.now(), _end()
    reading.save(update_fields=["proved_at", "expires_at"])
    mark_wanted(case=reading.case)
    return reading


def _find(typed: str, phone: str) -> Case | None:
    """The case with this number, if it was opened for this phone by somebody not signed in."""
    number = parse_number(typed)
    case = Case.objects.filter(number=number, user=None).first() if number else None
    is_right = case is not None and hmac.compare_digest(case.phone.encode(), phone.encode())
    return case if is_right else None


def _end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.CASES["reading_seconds"])
