"""What somebody had typed, kept for them over a cover or a sign-out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from stdnum import luhn

from accounts.identity.vault import decrypt, encrypt
from accounts.signin.models import KeptForm
from accounts.users.models import User

# The parameter by which a page is asked to show what was typed.
KEPT_FIELD = "kept"
# Never kept: passwords, codes, tokens, numbers of cards and documents; keys of forms belong to the
# page that was left.
_SECRET = re.compile(
    r"pass|pin\b|^old$|^new$|again|code|otp|secret|token|csrf|key|digits|id_number|^number$|card"
    r"|^credential$|^next$|^kept",
    re.I,
)
_ID_NUMBER = re.compile(r"\s*\d{17}[\dXx]\s*")
_MOST_FIELDS, _LONGEST_VALUE, _LONGEST_PATH = 50, 2_000, 400

Fields = dict[str, list[str]]


def keep_form(*, user: User, page: str, action: str, data: QueryDict) -> KeptForm | None:
    """Keep what may be kept of a form; None when there is nothing.

    `page` and `action` are paths of this site: where the form stood and where it is sent.
    """
    fields = _keepable(data)
    if not any(any(values) for values in fields.values()):
        return None
    if len(page) > _LONGEST_PATH or len(action) > _LONGEST_PATH:
        return None
    return KeptForm.objects.create(
        user=user,
        page=page,
        action=action,
        fields_encrypted=encrypt(json.dumps(fields, ensure_ascii=False)),
        expires_at=timezone.now() + timedelta(seconds=settings.SESSIONS["kept_form_seconds"]),
    )


def find_kept(user: User, public_id: UUID | str, page: str) -> tuple[str, Fields] | None:
    """Where the form is sent and what stood in it: this person's, for this page, still kept."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        return None
    kept = KeptForm.objects.filter(
        public_id=wanted, user=user, expires_at__gt=timezone.now()
    ).first()
    if kept is None or urlsplit(kept.page).path != page:
        return None
    try:
        fields: Fields = json.loads(decrypt(kept.fields_encrypted))
    except (InvalidToken, ValueError):
        return None
    return kept.action, fields


def page_with(page: str, kept: KeptForm | None) -> str:
    """The address of a page that shows what was kept; an older mark on it is taken off."""
    parts = urlsplit(page)
    query = [each for each in parse_qsl(parts.query) if each[0] != KEPT_FIELD]
    if kept is not None:
        query.append((KEPT_FIELD, str(kept.public_id)))
    return parts.path + (f"?{urlencode(query)}" if query else "")


def _keepable(data: Mapping[str, object]) -> Fields:
    assert isinstance(data, QueryDict)
    fields = {
        name: [value[:_LONGEST_VALUE] for value in values if not _looks_secret(value)]
        for name, values in data.lists()
        if not _SECRET.search(name)
    }
    return dict(list(fields.items())[:_MOST_FIELDS])


def _looks_secret(value: str) -> bool:
    """A card or ID number, whatever the field is called."""
    digits = re.sub(r"[\s-]", "", value)
    is_card = digits.isascii() and digits.isdigit() and 13 <= len(digits) <= 19
    return bool(_ID_NUMBER.fullmatch(value)) or (is_card and bool(luhn.is_valid(digits)))
