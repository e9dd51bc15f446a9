"""Making a person: the one place where users with a wallet come from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts.closing.services import take_up_again
from accounts.identity.services import add_identity
from accounts.payment_password.hashing import Sealed, seal
from accounts.payment_password.selectors import avoid_list
from accounts.payment_password.services import require_strong, store_sealed
from accounts.phone.numbers import clean_phone
from accounts.security.services import record_event
from accounts.signup.errors import PhoneTaken
from accounts.users.models import User


@dataclass(frozen=True)
class NewPerson:
    """Everything that makes a person; passwords are sealed already.

    `name` and `id_number` are both empty for somebody known by the phone alone.
    """

    phone: str
    login_password: str
    payment_password: Sealed
    name: str = ""
    id_number: str = ""
    locale: str = ""
    public_id: UUID = field(default_factory=uuid.uuid4)


def create_person(person: NewPerson) -> User:
    """Create user, identity and payment password, all or nothing.

    Raises `PhoneTaken` and `IdentityTaken`; decided by the database, so races lose cleanly.
    """
    with transaction.atomic():
        user = _create_user(person)
        store_sealed(user=user, sealed=person.payment_password)
        # Before the ID number is added, which by itself finds them by that number alone.
        take_up_again(user, person.id_number, phone=person.phone)
        if person.id_number:
            add_identity(user=user, name=person.name, id_number=person.id_number)
            record_event(user=user, kind="identity.added")
    return user


def create_customer(
    *,
    phone: str,
    login_password: str,
    payment_password: str,
    name: str = "",
    id_number: str = "",
    locale: str = "",
) -> User:
    """Create a customer from plain answers, for demo data and tests: the same rules as the pages,
    without the code to the phone."""
    number = clean_phone(phone)
    require_strong(raw=payment_password, avoid=avoid_list(phone=number, id_number=id_number))
    public_id = uuid.uuid4()
    return create_person(
        NewPerson(
            phone=number,
            login_password=make_password(login_password),
            payment_password=seal(owner=public_id, raw=payment_password),
            name=name,
            id_number=id_number,
            locale=locale,
            public_id=public_id,
        )
    )


def _create_user(person: NewPerson) -> User:
    user = User(phone=person.phone, locale=person.locale, public_id=person.public_id)
    user.password = person.login_password
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise PhoneTaken from None
    return user
