"""Reading who a person is."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Collection

from accounts.identity.models import Identity
from accounts.identity.names import mask_name, same_name
from accounts.identity.numbers import birth_date
from accounts.identity.vault import blind_indexes, decrypt
from accounts.users.models import User

PHONE_LEVEL = "phone"
_DIGITS_ASKED = (4, 6)


def find_identity(user: User) -> Identity | None:
    """The person's identity, or None when only the phone is known."""
    return Identity.objects.filter(user=user).first()


def assurance_level(user: User) -> str:
    """How sure we are: "phone" | "identity" | "card" | "in_person"."""
    identity = find_identity(user)
    return identity.level if identity else PHONE_LEVEL


def full_name(user: User) -> str:
    """The name in clear, for the person's own pages, receipts and name matches only."""
    identity = find_identity(user)
    return decrypt(identity.name_encrypted) if identity else ""


def masked_name(user: User) -> str:
    """The name as others may see it (陈*远); empty when there is none."""
    return mask_name(full_name(user))


def masked_names(user_ids: Collection[int]) -> dict[int, str]:
    """The names of many people as others may see them; who has none is left out."""
    rows = Identity.objects.filter(user_id__in=user_ids).values_list("user_id", "name_encrypted")
    return {user_id: mask_name(decrypt(name)) for user_id, name in rows}


def masked_id_number(user: User) -> str:
    """First four and last four characters; empty when there is none."""
    identity = find_identity(user)
    if identity is None:
        return ""
    return mask_id_number(decrypt(identity.id_number_encrypted))


def mask_id_number(number: str) -> str:
    """3101 **** **** **2746 without what identifies."""
    return f"{number[:4]} **** **** {number[-4:]}"


def name_matches(user: User, name: str) -> bool:
    """Whether a name given elsewhere (a bank card) is this person's."""
    known = full_name(user)
    return bool(known) and same_name(known, name)


def id_digits_match(user: User, digits: str) -> bool:
    """Whether these are the last four or six characters of the person's ID number.

    Constant time in what is compared. Counting wrong tries is the caller's business.
    """
    given = "".join(unicodedata.normalize("NFKC", digits).upper().split())
    identity = find_identity(user)
    number = decrypt(identity.id_number_encrypted) if identity else "-" * 18
    is_same = hmac.compare_digest(number[-len(given) :].encode(), given.encode())
    return is_same and len(given) in _DIGITS_ASKED and identity is not None


def is_id_number_taken(number: str) -> bool:
    """Whether somebody has given this ID number. Never tell a stranger."""
    return Identity.objects.filter(id_number_index__in=blind_indexes(number)).exists()


def personal_facts(user: User) -> list[str]:
    """Texts a password of this person must not look like: name and ID number."""
    identity = find_identity(user)
    if identity is None:
        return []
    return [decrypt(identity.name_encrypted), decrypt(identity.id_number_encrypted)]


def id_digits_to_avoid(number: str) -> list[str]:
    """Six digits a payment password must not be, from an ID number."""
    digits = "".join(char for char in number if char.isdigit())
    born = birth_date(number)
    return [digits[-6:], number[-7:-1], *(born.strftime(form) for form in _BIRTH_FORMS)]


_BIRTH_FORMS = ("%y%m%d", "%d%m%y", "%m%d%y", "%Y%m")
