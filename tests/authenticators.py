"""An authenticator in software: it answers what a page asks as a phone or a stick would, and lies
where a test wants it to. Source: W3C Web Authentication level 3, section 6."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

from accounts.factors.models import Authenticator, Passkey
from accounts.factors.passkey_challenges import Occasion, Place
from accounts.factors.passkeys import add_passkey, options_to_add
from accounts.users.models import User

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
_OPTIONS = re.compile(r'data-passkey-options="([^"]*)"')


def asked_in(page: str) -> dict[str, Any]:
    """What the first passkey form of a page asks."""
    found = _OPTIONS.search(page)
    assert found is not None, "the page asks for no passkey"
    asked: dict[str, Any] = json.loads(unescape(found.group(1)))
    return asked


@dataclass
class SoftAuthenticator:
    """One credential. `origin`, `domain`, `flags`, `count` and `public` may be set to lie."""

    origin: str = "http://localhost"
    domain: str = "localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    public: bytes = b""

    def create(self, asked: dict[str, Any]) -> str:
        """The answer to a question that makes a passkey."""
        self.handle = base64url_to_bytes(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = self.public or encode_cbor(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        )
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + public
        data = self._data(self.flags | ATTESTED) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(self._said("webauthn.create", asked)),
                "attestationObject": bytes_to_base64url(attestation),
                "transports": ["internal"],
            }
        )

    def get(self, asked: dict[str, Any]) -> str:
        """The answer to a question that asks for a signature."""
        said, data = self._said("webauthn.get", asked), self._data(self.flags)
        signed = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(said),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signed),
                "userHandle": bytes_to_base64url(self.handle),
            }
        )

    def _said(self, kind: str, asked: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        domain = hashlib.sha256(self.domain.encode()).digest()
        return domain + bytes([flags]) + self.count.to_bytes(4)

    def _answer(self, response: dict[str, Any]) -> str:
        credential_id = bytes_to_base64url(self.credential_id)
        return json.dumps(
            {
                "id": credential_id,
                "rawId": credential_id,
                "type": "public-key",
                "response": response,
            }
        )


def settle(user: User) -> None:
    """Have the person's second factors be two days old, so that they count for payments."""
    before = timezone.now() - timedelta(days=2)
    for model in (Authenticator, Passkey):
        model.objects.filter(user=user).update(created_at=before)


def give_passkey(user: User, key: SoftAuthenticator) -> None:
    """Have the key be a passkey of the person's, as if they had added it two days ago."""
    place, occasion = Place(key.domain, key.origin), Occasion("add", "a browser")
    asked = json.loads(options_to_add(user=user, place=place, occasion=occasion))
    add_passkey(user=user, answer=key.create(asked), name="key", place=place, occasion=occasion)
    settle(user)
