"""Opening a case, writing in it from both sides, taking it, closing it.

Each is one transaction: the message or note, the state, the line of history, and what the customer
finds in the security centre stand or fall together. No text of a case goes anywhere else: not into
events, notices or logs.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import get_language

from accounts.cases import errors
from accounts.cases.models import Case, CaseChange, CaseMessage, CaseNote
from accounts.cases.payments import is_own_payment, plain_reference
from accounts.cases.sealing import new_key, seal
from accounts.cases.selectors import count_open_for
from accounts.cases.states import TRANSITIONS, CaseState, ChangeKind, Party, Topic
from accounts.cases.words import Cleaned, clean_line, clean_text
from accounts.identity import vault
from accounts.phone.services import send_notice_to
from accounts.security.services import record_event
from accounts.users.models import User
from accounts.users.services import lock_person


def open_case(
    *,
    topic: str,
    subject: str,
    body: str,
    user: User | None = None,
    phone: str = "",
    payment_reference: str = "",
    form_key: UUID | None = None,
    address: str = "",
    is_repeat: bool = False,
) -> Case:
    """Open a case for a signed-in customer, or else for a phone number (E.164) that nobody has
    proved to be theirs: nothing is looked up for it, so the answer tells nothing of it.

    `is_repeat` puts it behind the others of the queue. `form_key` makes it idempotent for the same
    owner. Secrets in the texts are blanked out before
    they are stored. Raises `TextMissing`, `TextTooLong`, `PaymentUnknown`, `TooManyOpen`.
    """
    if (user is None) == (not phone):
        raise ValueError("a case belongs to a customer or to a phone number")
    reference = _own_reference(user, payment_reference)
    line, text = clean_line(subject), clean_text(body)
    text = Cleaned(text.text, text.has_blanks or line.has_blanks)
    if found := _find_opened(form_key, user, phone, text.text):
        return found
    now, key = timezone.now(), new_key()
    case = Case(
        form_key=form_key,
        user=user,
        phone_encrypted=vault.encrypt(phone) if phone else "",
        phone_index=vault.blind_index(phone) if phone else "",
        is_repeat=is_repeat,
        topic=Topic(topic),
        key_encrypted=key,
        subject_sealed=seal(key, line.text),
        payment_reference=reference,
        language=get_language() or "",
        opened_at=now,
        waiting_since=now,
    )
    try:
        _store(case, text, address)
    except IntegrityError:
        # The same form at the same moment; or its key with other words, which is another case.
        if found := _find_opened(form_key, user, phone, text.text):
            return found
        case.form_key = None
        _store(case, text, address)
    return case


def reply_as_customer(*, case: Case, body: str) -> CaseMessage:
    """The customer writes; from then on they wait for us. The same words twice in a row are one
    message. Raises `CaseIsClosed`, `TextMissing`,
    `TextTooLong`."""
    text = clean_text(body)
    with transaction.atomic():
        row = _lock_live(case)
        if sent := _find_last(row, Party.CUSTOMER, text):
            return sent
        message = _write(row, Party.CUSTOMER, text)
        row.unread_since = None
        after = CaseState(row.state)
        if row.waiting_since is None:
            row.waiting_since, after = timezone.now(), CaseState.WAITING_FOR_SUPPORT
        _move(row, after, ChangeKind.CUSTOMER_WROTE, Party.CUSTOMER)
    return message


def reply_as_staff(*, case: Case, by: User, body: str) -> CaseMessage:
    """Who has taken the case answers; the customer is told that there is an answer.

    Raises `CaseIsClosed`, `CaseNotTaken`, `TextMissing`, `TextTooLong`.
    """
    text = clean_text(body)
    with transaction.atomic():
        row = _lock_live(case)
        _require_taken(row, by)
        if sent := _find_last(row, Party.STAFF, text):
            return sent
        message = _write(row, Party.STAFF, text, by=by)
        now = timezone.now()
        row.first_answered_at = row.first_answered_at or now
        row.waiting_since, row.unread_since = None, now
        _move(row, CaseState.WAITING_FOR_CUSTOMER, ChangeKind.ANSWERED, Party.STAFF, by=by)
        _tell(row, "case.answered", actor=by)
        _send_word(row)
    return message


def note_on_case(*, case: Case, by: User, text: str) -> CaseNote:
    """Something for colleagues; the customer never sees it. Also on a closed case.

    Raises `CaseNotTaken`, `TextMissing`, `TextTooLong`.
    """
    cleaned = clean_text(text, field="body")
    with transaction.atomic():
        row = _lock(case)
        _require_taken(row, by)
        note = CaseNote.objects.create(
            case=row, by=by, text_sealed=seal(row.key_encrypted, cleaned.text)
        )
        _note_change(row, ChangeKind.NOTED, Party.STAFF, before=row.state, by=by)
        _tell(row, "case.noted", actor=by)
    return note


def assign(*, case: Case, to: User) -> Case:
    """Take a case, also from a colleague; only then its texts are read. The customer sees it.

    Raises `OwnCase`.
    """
    with transaction.atomic():
        row = _lock(case)
        if row.user_id == to.pk:
            raise errors.OwnCase
        if row.assigned_to_id != to.pk:
            row.assigned_to, row.assigned_at = to, timezone.now()
            row.save()
            _note_change(row, ChangeKind.TAKEN, Party.STAFF, before=row.state, by=to)
            _tell(row, "case.taken", actor=to)
    return row


def close_case(*, case: Case, by: User | None = None) -> Case:
    """Close it: the customer (`by` None), or who has taken it. Raises `CaseIsClosed`,
    `CaseNotTaken`."""
    party = Party.CUSTOMER if by is None else Party.STAFF
    with transaction.atomic():
        row = _lock_live(case)
        if by is not None:
            _require_taken(row, by)
            row.unread_since = timezone.now()
        else:
            row.unread_since = None
        row.waiting_since, row.closed_at = None, timezone.now()
        _move(row, CaseState.CLOSED, ChangeKind.CLOSED, party, by=by)
        _tell(row, "case.closed", actor=by)
    return row


def reopen(*, case: Case, by: User | None = None) -> Case:
    """Go on with a closed case: the customer (`by` None), or who has taken it. Open again twice
    is fine. Raises `CaseTooOld`, `CaseNotTaken`."""
    party = Party.CUSTOMER if by is None else Party.STAFF
    with transaction.atomic():
        row = _lock(case)
        if not row.is_closed:
            return row
        if not row.may_be_reopened:
            raise errors.CaseTooOld
        if by is not None:
            _require_taken(row, by)
        row.closed_at, row.waiting_since = None, timezone.now()
        _move(row, CaseState.WAITING_FOR_SUPPORT, ChangeKind.REOPENED, party, by=by)
        _tell(row, "case.reopened", actor=by)
    return row


def mark_wanted(*, case: Case) -> None:
    """Somebody has shown the phone that the case was opened for: it is no stranger's, and waits
    where the others wait. Twice is fine."""
    Case.objects.filter(pk=case.pk, is_repeat=True).update(is_repeat=False)


def mark_read(*, case: Case) -> None:
    """The customer has read what there is. Twice is fine."""
    Case.objects.filter(pk=case.pk).update(unread_since=None)


# --- The pieces --------------------------------------------------------------------------


def _own_reference(user: User | None, typed: str) -> str:
    reference = plain_reference(typed)
    if reference and (user is None or not is_own_payment(user, reference)):
        raise errors.PaymentUnknown
    return reference


def _find_opened(form_key: UUID | None, user: User | None, phone: str, text: str) -> Case | None:
    """What this form has opened already, for the same owner and with the same words."""
    found = Case.objects.filter(form_key=form_key, user=user).first() if form_key else None
    if found is None or (user is None and found.phone != phone):
        return None
    first = found.messages.first()
    return found if first is not None and first.text == text else None


def _store(case: Case, text: Cleaned, address: str) -> None:
    with transaction.atomic():
        if case.user is not None:
            # Counted under the lock of the person: of many at once no more get in than may.
            most = settings.CASES["most_open"]
            lock_person(case.user.pk)
            if count_open_for(case.user) >= most:
                raise errors.TooManyOpen(most)
        case.save(force_insert=True)
        _write(case, Party.CUSTOMER, text)
        _note_change(case, ChangeKind.OPENED, Party.CUSTOMER, before="")
        _tell(case, "case.opened", address=address)


def _lock(case: Case) -> Case:
    return Case.objects.select_for_update(no_key=True).get(pk=case.pk)


def _lock_live(case: Case) -> Case:
    row = _lock(case)
    if row.is_closed:
        raise errors.CaseIsClosed
    return row


def _require_taken(case: Case, by: User) -> None:
    if case.assigned_to_id != by.pk:
        raise errors.CaseNotTaken


def _write(case: Case, author: Party, text: Cleaned, *, by: User | None = None) -> CaseMessage:
    return CaseMessage.objects.create(
        case=case,
        author=author,
        by=by,
        text_sealed=seal(case.key_encrypted, text.text),
        has_blanks=text.has_blanks,
    )


def _find_last(case: Case, author: Party, text: Cleaned) -> CaseMessage | None:
    """The last message of the case, if it says just this: a form that was sent twice."""
    last = case.messages.last()
    is_same = last is not None and last.author == author and last.text == text.text
    return last if is_same else None


def _move(
    case: Case, after: CaseState, kind: ChangeKind, party: Party, *, by: User | None = None
) -> None:
    """The one place where the state of a case is written. Call under its lock."""
    before = CaseState(case.state)
    if after != before and after not in TRANSITIONS[before]:
        raise ValueError(f"a case goes from {before} to no {after}")
    case.state = after
    case.save()
    _note_change(case, kind, party, before=before, by=by)


def _note_change(
    case: Case, kind: ChangeKind, party: Party, *, before: str, by: User | None = None
) -> None:
    CaseChange.objects.create(
        case=case, kind=kind, party=party, by=by, state_before=before, state_after=case.state
    )


def _send_word(case: Case) -> None:
    """Who has no page to find the answer on is told by text message, without a word of it."""
    if case.user is None and case.phone:
        with translation.override(case.language):
            send_notice_to(phone=case.phone, message="case_answered", params={"case": case.number})


def _tell(case: Case, kind: str, *, actor: User | None = None, address: str = "") -> None:
    """What the customer finds in the security centre, and auditors in the audit log: there also
    what staff do for somebody who has not signed in."""
    if case.user is not None or actor is not None:
        record_event(
            user=case.user,
            actor=actor,
            kind=kind,
            address=address,
            details={"case": case.number},
        )
