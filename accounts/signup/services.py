"""Opening a wallet, step by step. Nothing is created before the phone is proved."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from accounts.identity.checking import check_person
from accounts.identity.errors import IdentityNotConfirmed, IdentityRefused, IdentityTaken
from accounts.identity.selectors import is_id_number_taken
from accounts.identity.vault import encrypt
from accounts.payment_password.hashing import Sealed, seal
from accounts.payment_password.selectors import avoid_list
from accounts.payment_password.services import matches_any
from accounts.phone.binding import session_hash
from accounts.phone.errors import CodeDead, CodeUsed
from accounts.phone.models import Challenge
from accounts.phone.selectors import find_challenge
from accounts.phone.services import request_code, verify_code
from accounts.phone.states import Asker
from accounts.security.throttle import TooManyRequests, hit
from accounts.signup.errors import PhoneTaken, StepMissing
from accounts.signup.models import Application
from accounts.signup.people import NewPerson, create_person
from accounts.signup.selectors import (
    CODE,
    PASSWORDS,
    PERSON,
    Answers,
    find_application,
    has_passwords,
    next_step,
    read_answers,
)
from accounts.users.models import User
from accounts.users.selectors import find_user_by_phone

PURPOSE = "sign_up"
# Instead of a code, for a number that has a wallet: its owner is told, the page is not.
_MESSAGE_KNOWN = "sign_up_known"
LIFE = timedelta(hours=24)
# How long a form that was sent again waits for the first one to finish.
_PATIENCE_SECONDS = 5.0


def save_person(*, session_key: str, answers: Answers) -> Application:
    """Keep the answers of the first step, encrypted; makes the application if there is none.

    A new phone number asks for a new code, and a password that has become a personal number is
    asked for again; nothing else is lost. Call it outside any transaction: it may hash.
    """
    judged = _judge_passwords(find_application(session_key), answers)
    with transaction.atomic():
        application = _lock(session_key)
        before = read_answers(application)
        application.kind = answers.kind
        application.name_encrypted = encrypt(answers.name) if answers.name else ""
        application.id_number_encrypted = encrypt(answers.id_number) if answers.id_number else ""
        application.phone_encrypted = encrypt(answers.phone)
        application.agreed_at = timezone.now()
        if before.phone != answers.phone:
            application.challenge_id = None
        if judged.is_personal or (
            has_passwords(application)
            and _is_about_somebody_else(before, answers)
            # Set by another tab since they were looked at: asked for again rather than hashed here.
            and judged.passwords != _passwords_of(application)
        ):
            _forget_passwords(application)
        application.save()
    return application


@dataclass(frozen=True)
class _Judged:
    """What came of looking at an application's passwords before it was locked."""

    passwords: tuple[str, str] = ("", "")
    is_personal: bool = False


def _judge_passwords(application: Application | None, answers: Answers) -> _Judged:
    """Whether new answers make a password guessable: some eight slow hashes, so outside the
    transaction that writes, and only when there is something new to compare with."""
    if application is None or not has_passwords(application):
        return _Judged()
    if not _is_about_somebody_else(read_answers(application), answers):
        return _Judged(_passwords_of(application))
    return _Judged(_passwords_of(application), _is_personal_now(application, answers))


def _passwords_of(application: Application) -> tuple[str, str]:
    return application.login_password, application.payment_password_hash


def _is_about_somebody_else(before: Answers, after: Answers) -> bool:
    """Whether anything changed that a password must not be made of."""
    return (before.name, before.id_number, before.phone) != (
        after.name,
        after.id_number,
        after.phone,
    )


def save_passwords(
    *, application: Application, payment_password: str, login_password: str
) -> Application:
    """Keep both passwords as they will be stored in the end, never the passwords.

    They were compared with the answers in `application`: raises `StepMissing` when another tab has
    changed those meanwhile. Call it outside any transaction: it hashes.
    """
    compared_with = read_answers(application)
    login = make_password(login_password)
    sealed = seal(owner=application.user_public_id, raw=payment_password)
    with transaction.atomic():
        row = Application.objects.select_for_update().filter(pk=application.pk).first()
        if row is None or row.finished_at is not None:
            raise StepMissing(PERSON)
        if _is_about_somebody_else(compared_with, read_answers(row)):
            raise StepMissing(PASSWORDS)
        row.login_password = login
        row.payment_password_hash = sealed.hash
        row.payment_password_key_id = sealed.key_id
        row.save()
    return row


def send_code(
    *, application: Application, session_key: str, address: str, asker: Asker
) -> Challenge:
    """Ask for the code; alike in every way for a number that has a wallet.

    Raises `StepMissing` and whatever `accounts.phone` refuses with.
    """
    step = next_step(application)
    if step != CODE:
        raise StepMissing(step)
    phone = read_answers(application).phone
    known = find_user_by_phone(phone) is not None
    challenge = request_code(
        purpose=PURPOSE,
        phone=phone,
        session_key=session_key,
        address=address,
        asker=asker,
        bound_to=str(application.public_id),
        message=_MESSAGE_KNOWN if known else PURPOSE,
    )
    Application.objects.filter(pk=application.pk).update(challenge_id=challenge.public_id)
    return challenge


def finish(*, application: Application, code: str, session_key: str) -> User:
    """Check the code and create the person: user, identity and payment password in one go.

    Sent twice, both get the same user: the second brings the right code of the same session
    (`CodeUsed`) and finds the work done. Raises `StepMissing`, what `verify_code` raises, and
    `IdentityTaken` or `PhoneTaken`, which are told only now that the phone is proved.
    """
    step = next_step(application)
    if step != CODE and application.finished_at is None:
        raise StepMissing(step)
    challenge = find_challenge(application.challenge_id, session_key)
    if challenge is None:
        raise CodeDead
    is_again = False
    try:
        verify_code(challenge_id=challenge.public_id, code=code, session_key=session_key)
    except CodeUsed:
        # Right, in the same session: a form sent twice, or a process that died in between.
        is_again = True
    answers = read_answers(application)
    try:
        if application.finished_at is None:
            _check_identity(application, answers)
    except TooManyRequests:
        # Impatience is no guessing: the first of them makes the person for all.
        user = _made_meanwhile(application) if is_again else None
        if user is None:
            raise
        return user
    except (IdentityNotConfirmed, IdentityRefused):
        _ask_for_another_code(application)
        raise
    try:
        return _create(application, answers, proved_phone=challenge.phone)
    except (IdentityTaken, PhoneTaken):
        _ask_for_another_code(application)
        raise


def start_again(*, session_key: str) -> None:
    """Throw the answers of this browser away."""
    Application.objects.filter(session_hash=session_hash(session_key)).delete()


def _ask_for_another_code(application: Application) -> None:
    """Another try costs another code, so that nobody tries ID numbers in bulk."""
    Application.objects.filter(pk=application.pk).update(challenge_id=None)


def _made_meanwhile(application: Application) -> User | None:
    """The person whom another request with the same form is just making."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        row = Application.objects.select_related("user").filter(pk=application.pk).first()
        if row is None or row.user is not None:
            return row.user if row else None
        time.sleep(0.1)
    return None


def _check_identity(application: Application, answers: Answers) -> None:
    """Outside the transaction, and after the code: what can be guessed here costs one each time.
    The code stays good for the same form, so who could not be checked now sends it again."""
    if answers.id_number and not is_id_number_taken(answers.id_number):
        hit(action="identity.check", person=str(application.public_id))
        check_person(name=answers.name, id_number=answers.id_number)


def _create(application: Application, checked: Answers, *, proved_phone: str) -> User:
    with transaction.atomic():
        row = Application.objects.select_for_update().get(pk=application.pk)
        if row.user is not None:
            return row.user
        answers = read_answers(row)
        if answers != checked or answers.phone != proved_phone or not has_passwords(row):
            # Another tab has changed the answers since the code was sent.
            raise CodeDead
        user = create_person(
            NewPerson(
                phone=answers.phone,
                login_password=row.login_password,
                payment_password=Sealed(row.payment_password_hash, row.payment_password_key_id),
                name=answers.name,
                id_number=answers.id_number,
                locale=get_language() or "",
                public_id=row.user_public_id,
            )
        )
        row.user = user
        row.finished_at = timezone.now()
        row.name_encrypted = row.id_number_encrypted = row.phone_encrypted = ""
        _forget_passwords(row)
        row.save()
    return user


def _lock(session_key: str) -> Application:
    """The application of this session, locked; a new one when the old is over or finished."""
    key = session_hash(session_key)
    now = timezone.now()
    old = Application.objects.filter(session_hash=key)
    old.exclude(finished_at=None, expires_at__gt=now).delete()
    Application.objects.bulk_create(
        [Application(session_hash=key, expires_at=now + LIFE)], ignore_conflicts=True
    )
    return Application.objects.select_for_update().get(session_hash=key)


def _is_personal_now(application: Application, answers: Answers) -> bool:
    sealed = Sealed(application.payment_password_hash, application.payment_password_key_id)
    avoid = avoid_list(phone=answers.phone, id_number=answers.id_number)
    if matches_any(owner=application.user_public_id, sealed=sealed, candidates=avoid):
        return True
    plain = [answers.phone, answers.phone[-11:], answers.id_number, answers.name]
    return any(check_password(fact, application.login_password) for fact in plain if fact)


def _forget_passwords(application: Application) -> None:
    application.login_password = ""
    application.payment_password_hash = application.payment_password_key_id = ""
