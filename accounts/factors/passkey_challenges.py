"""The random text that a passkey signs: made without writing anything, taken once.

A challenge stands in the page that asks, so a page that nobody answers leaves nothing behind. It
carries its own time and a seal over what it is for: the browser, the person, the purpose and what
it is bound to. Answering it writes its number down, and a second answer finds that taken.
Source: W3C Web Authentication level 3, section 13.4.3 (challenges are random and not replayed).
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.factors.errors import PasskeyRefused
from accounts.factors.models import UsedPasskeyChallenge
from accounts.security.keyed import keyed_hashes

_NONCE, _TIME, _SEAL = 16, 8, 32


@dataclass(frozen=True)
class Place:
    """Where passkeys are for: the domain they belong to, and the origin that asks."""

    domain: str
    origin: str


@dataclass(frozen=True)
class Occasion:
    """What an answer would prove. Any difference makes another challenge of it.

    `browser` names the session or, before signing in, the browser; `person` is the public id of
    whoever it must be, "" when the answer tells; `bound_to` is what is authorised.
    """

    purpose: str
    browser: str
    person: str = ""
    bound_to: str = ""


def make_challenge(occasion: Occasion) -> bytes:
    """56 bytes: 16 random ones, the time, the seal."""
    head = secrets.token_bytes(_NONCE) + int(time.time()).to_bytes(_TIME)
    return head + _seals(head, occasion)[0]


def take_challenge(challenge: bytes, occasion: Occasion) -> None:
    """Use a challenge up, once even in parallel.

    Raises `PasskeyRefused` for one that was made for something else, is too old or was answered.
    Call it outside any transaction.
    """
    head, seal = challenge[: _NONCE + _TIME], challenge[_NONCE + _TIME :]
    if len(challenge) != _NONCE + _TIME + _SEAL:
        raise PasskeyRefused
    if not any(hmac.compare_digest(each, seal) for each in _seals(head, occasion)):
        raise PasskeyRefused
    lasts = settings.PASSKEYS["challenge_seconds"]
    age = time.time() - int.from_bytes(head[_NONCE:])
    if not -1 <= age <= lasts:
        raise PasskeyRefused
    try:
        with transaction.atomic(durable=True):
            UsedPasskeyChallenge.objects.create(
                nonce=head[:_NONCE].hex(), forget_at=timezone.now() + timedelta(seconds=lasts)
            )
    except IntegrityError:
        raise PasskeyRefused from None


def forget_challenges() -> int:
    """Delete the numbers of challenges that are too old to be answered; how many."""
    late = UsedPasskeyChallenge.objects.filter(forget_at__lt=timezone.now() - timedelta(minutes=5))
    return late.delete()[0]


def _seals(head: bytes, occasion: Occasion) -> list[bytes]:
    """Under the newest key first; under older ones for pages that were open while keys turned."""
    parts = (occasion.purpose, occasion.browser, occasion.person, occasion.bound_to, head.hex())
    text = "|".join(f"{len(part)}:{part}" for part in parts)
    return [bytes.fromhex(each) for each in keyed_hashes(purpose="passkey", text=text)]
