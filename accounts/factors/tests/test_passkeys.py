"""Passkeys: made and used in the real pages, and every way in which an answer can be wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from webauthn.helpers import encode_cbor

from accounts.changes.errors import CannotUndo
from accounts.changes.models import Change, NotMeWalk
from accounts.changes.services import undo_by_walk, undo_change
from accounts.factors.checks import passkey_domain_makes_sense
from accounts.factors.models import Passkey, RecoveryCode
from accounts.factors.passkey_challenges import Occasion, make_challenge, take_challenge
from accounts.factors.removing import remove_passkey
from accounts.factors.selectors import has_second_factor
from accounts.factors.services import enrol_authenticator
from accounts.security.models import SecurityEvent
from accounts.signin.tests.doors import (
    give_fresh_proof,
    make_person,
    try_password,
)
from accounts.users.models import User
from tests.authenticators import PRESENT, SoftAuthenticator, asked_in, give_passkey
from tests.cast import make_staff
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db(transaction=True)


def browser() -> Client:
    return Client(SERVER_NAME="localhost", headers={"accept-language": "en"})


def ask(client: Client, path: str) -> dict[str, Any]:
    return asked_in(client.get(path).content.decode())


def add(client: Client, key: SoftAuthenticator, name: str = "my phone") -> Any:
    answer = key.create(ask(client, "/security/passkeys/add/"))
    return client.post("/security/passkeys/add/", {"name": name, "credential": answer})


def sign_in(client: Client, key: SoftAuthenticator) -> Any:
    return client.post("/sign-in/passkey/", {"credential": key.get(ask(client, "/sign-in/"))})


def is_in(client: Client) -> bool:
    return bool(client.get("/security/").status_code == 200)


@pytest.fixture
def person(db: None) -> User:
    return make_person()


@pytest.fixture
def home(person: User) -> Client:
    """A browser of the person's, signed in and freshly proved."""
    client = browser()
    try_password(client, person)
    give_fresh_proof(client)
    return client


@pytest.fixture
def key(home: Client) -> SoftAuthenticator:
    """The person's passkey."""
    made = SoftAuthenticator()
    assert add(home, made).status_code == 200
    return made


def test_the_first_passkey_brings_recovery_codes_and_is_told_everywhere(
    home: Client, person: User
) -> None:
    other = browser()
    try_password(other, person)
    page = add(home, SoftAuthenticator()).content.decode()
    codes = RecoveryCode.objects.filter(user=person)
    assert codes.count() == 10
    assert page.count("<li>") == 10
    assert not is_in(other)
    assert is_in(home)
    assert Change.objects.get(user=person).kind == "passkey.added"
    give_fresh_proof(home)
    second = add(home, SoftAuthenticator(), name="a stick")
    assert second.status_code == 302
    assert codes.count() == 10
    listed = home.get("/security/two-factor/").content.decode()
    assert "my phone" in listed
    assert "a stick" in listed


def test_a_passkey_alone_signs_in_and_the_password_alone_no_longer_does(
    key: SoftAuthenticator, person: User
) -> None:
    alone = browser()
    assert sign_in(alone, key).status_code == 302
    assert is_in(alone)
    assert SecurityEvent.objects.filter(kind="sign_in.ok", details__how="passkey").count() == 1
    by_password = browser()
    assert try_password(by_password, person).headers["Location"] == "/sign-in/verify/"
    assert not is_in(by_password)
    answer = key.get(ask(by_password, "/sign-in/verify/"))
    assert by_password.post("/sign-in/verify/", {"credential": answer}).status_code == 302
    assert is_in(by_password)


def test_a_recovery_code_stands_in_for_a_lost_passkey(home: Client, person: User) -> None:
    page = add(home, SoftAuthenticator()).content.decode()
    code = page.split("<li>")[1].split("</li>")[0].strip()
    client = browser()
    try_password(client, person)
    assert client.post("/sign-in/verify/", {"code": "000000"}).status_code == 422
    assert client.post("/sign-in/verify/", {"code": code}).status_code == 302
    assert is_in(client)


def test_fresh_proof_and_the_end_of_the_cover(
    home: Client, key: SoftAuthenticator, person: User
) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        assert home.get("/security/").headers["Location"].startswith("/sign-in/resume/")
        answer = key.get(ask(home, "/sign-in/resume/"))
        assert home.post("/sign-in/resume/", {"credential": answer}).status_code == 302
        assert is_in(home)
        assert "/step-up/" in home.get("/security/two-factor/").headers["Location"]
        answer = key.get(ask(home, "/step-up/"))
        assert home.post("/step-up/", {"credential": answer}).status_code == 302
        assert home.get("/security/two-factor/").status_code == 200


def wrong_origin(key: SoftAuthenticator) -> None:
    key.origin = "http://localhost.evil.example"


def wrong_domain(key: SoftAuthenticator) -> None:
    key.domain = "evil.example"


def nobody_verified(key: SoftAuthenticator) -> None:
    key.flags = PRESENT


def another_key(key: SoftAuthenticator) -> None:
    key.key = SoftAuthenticator().key


def unknown(key: SoftAuthenticator) -> None:
    key.credential_id = b"x" * 32


def another_owner(key: SoftAuthenticator) -> None:
    key.handle = b"y" * 16


def no_owner(key: SoftAuthenticator) -> None:
    key.handle = b""


@pytest.mark.parametrize(
    "lie",
    [wrong_origin, wrong_domain, nobody_verified, another_key, unknown, another_owner, no_owner],
)
def test_a_wrong_answer_is_refused_and_what_was_wrong_is_not_said(
    key: SoftAuthenticator, lie: Callable[[SoftAuthenticator], None]
) -> None:
    lie(key)
    client = browser()
    refused = sign_in(client, key)
    assert refused.status_code == 422
    assert "could not be checked" in refused.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    "answer",
    ["", "[]", "{}", "null", "[" * 9000, "x" * 20_000, '{"id": 1}',
     json.dumps({"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "eyJ9",
                 "authenticatorData": "AA", "signature": "AA"}})],
)  # fmt: skip
def test_nonsense_is_refused(key: SoftAuthenticator, answer: str) -> None:
    client = browser()
    client.get("/sign-in/")
    assert client.post("/sign-in/passkey/", {"credential": answer}).status_code == 422


def test_an_answer_counts_once_in_its_browser_for_its_purpose_and_in_its_time(
    home: Client, key: SoftAuthenticator
) -> None:
    mine, other = browser(), browser()
    answer = key.get(ask(mine, "/sign-in/"))
    other.get("/sign-in/")
    assert other.post("/sign-in/passkey/", {"credential": answer}).status_code == 422
    assert home.post("/step-up/", {"credential": answer}).status_code == 422
    assert mine.post("/sign-in/passkey/", {"credential": answer}).status_code == 302
    mine.post("/sign-out/")
    assert mine.post("/sign-in/passkey/", {"credential": answer}).status_code == 422
    late = key.get(ask(other, "/sign-in/"))
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
        assert other.post("/sign-in/passkey/", {"credential": late}).status_code == 422


def test_somebody_elses_passkey_gives_no_fresh_proof(key: SoftAuthenticator) -> None:
    mallory = make_person("+8613800136028")
    client, own = browser(), SoftAuthenticator()
    try_password(client, mallory)
    give_fresh_proof(client)
    add(client, own)
    with time_machine.travel(timezone.now() + timedelta(minutes=4, seconds=50), tick=True):
        assert client.post(
            "/step-up/", {"credential": key.get(ask(client, "/step-up/"))}
        ).status_code == 422  # fmt: skip
        assert client.post(
            "/step-up/", {"credential": own.get(ask(client, "/step-up/"))}
        ).status_code == 302  # fmt: skip


def test_a_counter_that_runs_backwards_is_refused_and_written_down(
    key: SoftAuthenticator, person: User
) -> None:
    key.count = 5
    assert sign_in(browser(), key).status_code == 302
    for count in (5, 4, 0):
        key.count = count
        assert sign_in(browser(), key).status_code == 422
    assert SecurityEvent.objects.filter(user=person, kind="passkey.counter_back").count() == 3
    key.count = 6
    assert sign_in(browser(), key).status_code == 302


def test_of_twenty_answers_at_once_one_counts(db: None) -> None:
    occasion = Occasion(purpose="sign_in", browser="browser x")
    challenge = make_challenge(occasion)
    results = all_at_once(20, lambda _number: take_challenge(challenge, occasion))
    assert codes_of(results) == {"": 1, "passkey.refused": 19}


def test_removing_the_only_one_lowers_limits_and_can_be_taken_back(
    home: Client, key: SoftAuthenticator, person: User
) -> None:
    give_proof_with(home, key)
    one = Passkey.objects.get(user=person)
    page = f"/security/passkeys/{one.public_id}/"
    assert home.post(page, {"name": "old phone"}).status_code == 302
    assert "old phone" in home.get(page).content.decode()
    assert home.post(f"{page}remove/").status_code == 302
    assert not has_second_factor(person)
    assert not RecoveryCode.objects.filter(user=person).exists()
    assert SecurityEvent.objects.filter(user=person, kind="caution.begun").exists()
    assert sign_in(browser(), key).status_code == 422
    change = Change.objects.get(user=person, kind="passkey.removed")
    assert home.post(f"/security/changes/{change.public_id}/undo/").status_code == 302
    assert RecoveryCode.objects.filter(user=person).count() == 10
    assert sign_in(browser(), key).status_code == 302


def test_nobody_reaches_anothers_passkey_and_all_of_it_takes_fresh_proof(
    key: SoftAuthenticator, person: User
) -> None:
    one = Passkey.objects.get(user=person)
    mallory, page = browser(), f"/security/passkeys/{one.public_id}/"
    try_password(mallory, make_person("+8613800136028"))
    for path in ("/security/passkeys/add/", page, f"{page}remove/"):
        assert "/step-up/" in mallory.post(path).headers["Location"]
    give_fresh_proof(mallory)
    assert mallory.get(page).status_code == 404
    assert mallory.post(f"{page}remove/").status_code == 404
    assert Passkey.objects.filter(pk=one.pk).exists()


def test_at_most_so_many(home: Client, key: SoftAuthenticator, settings: Any) -> None:
    settings.PASSKEYS = {**settings.PASSKEYS, "most": 1}
    give_proof_with(home, key)
    assert add(home, SoftAuthenticator()).status_code == 422
    assert Passkey.objects.count() == 1


def test_staff_sign_in_with_a_passkey_and_keep_one_factor(db: None) -> None:
    agent, client, key = make_staff("Support"), browser(), SoftAuthenticator()
    enrol_authenticator(user=agent)
    give_passkey(agent, key)
    assert sign_in(client, key).status_code == 302
    assert client.get("/admin/desk/").status_code == 200
    give_proof_with(client, key)
    assert client.post("/security/two-factor/off/").status_code == 302
    one = Passkey.objects.get(user=agent)
    refused = client.post(f"/security/passkeys/{one.public_id}/remove/", follow=True)
    assert "at least one second factor" in refused.content.decode()
    assert Passkey.objects.filter(pk=one.pk).exists()
    assert client.get("/admin/desk/").status_code == 200


def test_where_there_are_no_passkeys_the_page_says_so(person: User) -> None:
    client = Client(SERVER_NAME="127.0.0.1")
    try_password(client, person)
    give_fresh_proof(client)
    page = client.get("/security/passkeys/add/").content.decode()
    assert "data-passkey=" not in page
    assert "localhost" in page
    assert "data-passkey=" not in Client(SERVER_NAME="127.0.0.1").get("/sign-in/").content.decode()
    give_passkey(person, SoftAuthenticator())
    elsewhere = Client(SERVER_NAME="127.0.0.1", headers={"accept-language": "en"})
    try_password(elsewhere, person)
    assert "Passkeys do not work in" in elsewhere.get("/sign-in/verify/").content.decode()


def test_the_phone_alone_puts_no_passkey_back(key: SoftAuthenticator, person: User) -> None:
    """The one that was removed may be in the stolen phone to which the code goes."""
    remove_passkey(passkey=Passkey.objects.get(user=person))
    change = Change.objects.get(user=person, kind="passkey.removed")
    walk = NotMeWalk(change=change, proved_at=timezone.now())
    walk.expires_at = timezone.now() + timedelta(minutes=5)
    with pytest.raises(CannotUndo):
        undo_by_walk(walk=walk, address="")
    assert not has_second_factor(person)


def test_codes_on_paper_stay_the_newest_when_a_removal_is_taken_back(
    home: Client, key: SoftAuthenticator, person: User
) -> None:
    remove_passkey(passkey=Passkey.objects.get(user=person))
    add(home, SoftAuthenticator(), name="a stick")
    newest = set(RecoveryCode.objects.filter(user=person).values_list("pk", flat=True))
    undo_change(change=Change.objects.get(user=person, kind="passkey.removed"))
    assert set(RecoveryCode.objects.filter(user=person).values_list("pk", flat=True)) == newest
    assert Passkey.objects.filter(user=person).count() == 2


def test_staff_who_remove_all_at_once_keep_one(db: None) -> None:
    agent = make_staff("Support")
    for _number in range(3):
        give_passkey(agent, SoftAuthenticator())
    keys = list(Passkey.objects.filter(user=agent))
    results = all_at_once(3, lambda number: remove_passkey(passkey=keys[number]))
    assert codes_of(results) == {"": 2, "factor.last": 1}
    assert Passkey.objects.filter(user=agent).count() == 1


def test_a_removal_sent_twice_is_one_change(key: SoftAuthenticator, person: User) -> None:
    one = Passkey.objects.get(user=person)
    all_at_once(4, lambda _number: remove_passkey(passkey=one))
    assert Change.objects.filter(user=person, kind="passkey.removed").count() == 1


def test_an_identifier_that_is_too_long_is_refused(home: Client) -> None:
    answer = add(home, SoftAuthenticator(credential_id=os.urandom(1024)))
    assert answer.status_code == 422
    assert add(home, SoftAuthenticator(credential_id=os.urandom(1023))).status_code == 200


@pytest.mark.parametrize(("bits", "status"), [(1024, 422), (2048, 200), (8192, 422)])
def test_keys_that_are_weak_or_costly_are_refused(home: Client, bits: int, status: int) -> None:
    number = (1 << (bits - 1)) + 1
    rsa = encode_cbor({1: 3, 3: -257, -1: number.to_bytes(bits // 8), -2: b"\1\0\1"})
    assert add(home, SoftAuthenticator(public=rsa)).status_code == status


@pytest.mark.parametrize(
    ("domain", "hosts", "faults"),
    [
        ("", [], []),
        ("wallet.example", ["wallet.example"], []),
        ("wallet.example", [".wallet.example"], []),
        ("wallet.example", ["pay.wallet.example"], []),
        ("wallet.example", ["*"], []),
        ("wallet.example", ["notwallet.example"], ["accounts.E130"]),
        ("https://wallet.example", ["*"], ["accounts.E130"]),
        ("wallet.example:8443", ["*"], ["accounts.E130"]),
        ("127.0.0.1", ["*"], ["accounts.E130"]),
        ("example", ["*"], ["accounts.E130"]),
    ],
)
def test_a_domain_that_no_page_stands_at_is_found_at_start(
    settings: Any, domain: str, hosts: list[str], faults: list[str]
) -> None:
    settings.PASSKEYS = {**settings.PASSKEYS, "domain": domain}
    settings.ALLOWED_HOSTS = hosts
    assert [each.id for each in passkey_domain_makes_sense(None)] == faults


def give_proof_with(client: Client, key: SoftAuthenticator) -> None:
    answer = key.get(ask(client, "/step-up/"))
    assert client.post("/step-up/", {"credential": answer}).status_code == 302
