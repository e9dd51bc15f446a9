"""Passkeys: adding one, and checking what one has signed.

Every refusal is the same `PasskeyRefused`: whether the credential is unknown, somebody else's, or
its signature wrong is nobody's business. Source: W3C Web Authentication level 3, sections 7.1, 7.2.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedRSAPublicKey
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.changes.services import note_change
from accounts.factors import services
from accounts.factors.errors import PasskeyRefused, TooManyPasskeys
from accounts.factors.models import Passkey
from accounts.factors.passkey_challenges import Occasion, Place, make_challenge, take_challenge
from accounts.factors.selectors import has_second_factor
from accounts.security.models import UserSession
from accounts.security.services import record_event
from accounts.users.models import User
from accounts.users.numbers import masked_phone
from accounts.users.services import lock_person

ADDED = "passkey.added"
_TIMEOUT_MS = 5 * 60 * 1000
_MOST_BYTES = 16_000
# Source: W3C Web Authentication level 3, section 7.1, step 25.
_LONGEST_ID = 1023
_RSA_BITS = range(2048, 4096 + 1)
# RSA of 2,048 bits is what some computers have built in; nothing weaker is taken.
_ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


# What the library raises, and what strange bytes make it trip over.
_MALFORMED = (
    WebAuthnException,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    UnsupportedAlgorithm,
)


def options_to_add(*, user: User, place: Place, occasion: Occasion) -> str:
    """JSON for `navigator.credentials.create`. The authenticator keeps no phone number in full."""
    return options_to_json(
        generate_registration_options(
            rp_id=place.domain,
            rp_name=str(settings.BANK["name_en"]),
            user_id=user.public_id.bytes,
            user_name=masked_phone(str(user.phone)),
            challenge=make_challenge(occasion),
            timeout=_TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(user),
            supported_pub_key_algs=_ALGORITHMS,
        )
    )


def options_to_prove(*, place: Place, occasion: Occasion, user: User | None = None) -> str:
    """JSON for `navigator.credentials.get`; without `user` the person chooses who they are."""
    return options_to_json(
        generate_authentication_options(
            rp_id=place.domain,
            challenge=make_challenge(occasion),
            timeout=_TIMEOUT_MS,
            allow_credentials=_descriptors(user) if user else [],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def add_passkey(
    *,
    user: User,
    answer: str,
    name: str,
    place: Place,
    occasion: Occasion,
    session: UserSession | None = None,
    address: str = "",
) -> tuple[Passkey, list[str]]:
    """Keep a new passkey; the caller has asked for fresh proof. The person is told everywhere.

    With it come ten recovery codes when it is the first second factor of the person, else none.
    Raises `PasskeyRefused` and `TooManyPasskeys`. Call it outside any transaction.
    """
    try:
        credential = parse_registration_credential_json(_readable(answer))
        challenge = _challenge_in(credential.response.client_data_json)
        take_challenge(challenge, occasion)
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
        _require_sound(made.credential_id, made.credential_public_key)
    except _MALFORMED:
        raise PasskeyRefused from None
    transports = [each.value for each in credential.response.transports or []]
    with transaction.atomic():
        # One at a time for a person, so that the number of passkeys holds.
        lock_person(user.pk)
        if Passkey.objects.filter(user=user).count() >= settings.PASSKEYS["most"]:
            raise TooManyPasskeys
        is_first = not has_second_factor(user)
        try:
            with transaction.atomic():
                passkey: Passkey = Passkey.objects.create(
                    user=user,
                    name=name[:64],
                    credential_id=bytes_to_base64url(made.credential_id),
                    public_key=bytes_to_base64url(made.credential_public_key),
                    sign_count=made.sign_count,
                    transports=transports,
                    aaguid=made.aaguid,
                    is_backed_up=made.credential_backed_up,
                )
        except IntegrityError:
            raise PasskeyRefused from None
        codes = services.replace_recovery_codes(user) if is_first else []
        note_change(user=user, kind=ADDED, session=session, address=address)
    return passkey, codes


def rename_passkey(*, passkey: Passkey, name: str, address: str = "") -> None:
    """Give it another name, at most 64 characters; for the owner's eyes only."""
    with transaction.atomic():
        Passkey.objects.filter(pk=passkey.pk).update(name=name[:64])
        record_event(user=passkey.user, kind="passkey.renamed", address=address)


def check_passkey(
    *, answer: str, place: Place | None, occasion: Occasion, user: User | None = None, address: str
) -> Passkey:
    """The passkey that has signed this page's challenge, with its owner verified by it; once.

    `user` is who it must be; without, the answer tells. Raises `PasskeyRefused`; a counter that
    runs backwards is refused and written down, as a copied key would show so. Call it outside any
    transaction.
    """
    try:
        credential = parse_authentication_credential_json(_readable(answer))
        challenge = _challenge_in(credential.response.client_data_json)
        take_challenge(challenge, occasion)
        passkey = _find(credential.raw_id, credential.response.user_handle, user)
        if place is None or passkey is None:
            raise PasskeyRefused
        proved = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            # Looked at below, where a backward step is also written down.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _MALFORMED:
        raise PasskeyRefused from None
    _count(passkey, proved.new_sign_count, address)
    return passkey


def _count(passkey: Passkey, signed: int, address: str) -> None:
    rows = Passkey.objects.filter(pk=passkey.pk)
    counts = rows.filter(sign_count__lt=signed) if signed else rows.filter(sign_count=0)
    if not counts.update(sign_count=signed, last_used_at=timezone.now()):
        record_event(user=passkey.user, kind="passkey.counter_back", address=address)
        raise PasskeyRefused


def _find(raw_id: bytes, handle: bytes | None, user: User | None) -> Passkey | None:
    found = (
        Passkey.objects.select_related("user")
        .filter(credential_id=bytes_to_base64url(raw_id), user__is_active=True)
        .first()
    )
    if found is None or (user is not None and found.user_id != user.pk):
        return None
    if user is None and not handle:
        # Whoever is not known yet is named by the passkey itself.
        return None
    return None if handle and handle != found.user.public_id.bytes else found


def _require_sound(credential_id: bytes, public_key: bytes) -> None:
    """What is kept must fit, and be neither weak nor costly to check."""
    key = decode_credential_public_key(public_key)
    if len(credential_id) > _LONGEST_ID:
        raise PasskeyRefused
    if isinstance(key, DecodedRSAPublicKey) and int.from_bytes(key.n).bit_length() not in _RSA_BITS:
        raise PasskeyRefused


def _readable(answer: str) -> dict[str, Any]:
    if len(answer) > _MOST_BYTES:
        raise PasskeyRefused
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise PasskeyRefused
    return read


def _challenge_in(client_data: bytes) -> bytes:
    said = parse_client_data_json(client_data)
    # A page of somebody else's has this one in a frame.
    if said.cross_origin:
        raise PasskeyRefused
    return said.challenge


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    known = {each.value for each in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(passkey.credential_id),
            transports=[
                AuthenticatorTransport(each) for each in passkey.transports if each in known
            ],
        )
        for passkey in Passkey.objects.filter(user=user).order_by("pk")
    ]
