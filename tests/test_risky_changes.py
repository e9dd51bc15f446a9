"""Every risky change asks for fresh proof, tells every other channel, and can be taken back where
that is safe: the table of `accounts/changes/risky.py` against the code and the pages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.changes.risky import RISKY, Proof, Risky
from accounts.changes.undoing import Way, get_undo, way_of
from accounts.phone.models import SmsCode
from accounts.security.kinds import KIND_TITLES
from accounts.security.models import SecurityEvent
from accounts.signin.tests.doors import try_password
from accounts.users.models import User
from payments.banking.tests.builders import link_card
from payments.proving.rules import set_rules
from payments.proving.selectors import Rules
from payments.wallets.models import OwnLimits
from tests.cast import LOGIN_PASSWORD, wallet_with

_APPS = ("accounts", "payments")
# Words by which a kind of event says that something was changed for longer than a moment.
_CHANGES = (
    "_added", ".added", ".asked", ".changed", ".lifted", ".linked", ".lowered", ".made", ".off",
    ".on", ".overridden", ".raised", ".removed", ".reset", ".unfrozen",
)  # fmt: skip
# Of these the owner needs no warning, or gets it another way; why.
_HARMLESS = {
    "second_proof.raised": "more protection",
    "profile.changed": "language and look",
    "standing_order.changed": "authorised like a payment",
    "wallet.unfrozen": "wallet.freeze_lifted tells the owner; the bank's freeze ends by two people",
    "two_factor.enrolled": "of staff, by the administrator",
    "staff.added": "of staff, by the administrator",
    "payment_case.asked": "the bank was asked what became of a payment",
}


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for app in _APPS:
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            if "tests" not in path.parts and "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())


def _constants(module: ast.Module) -> dict[str, str]:
    """NAME = "text" and A, B = "a", "b" at the top of a module."""
    found: dict[str, str] = {}
    for node in module.body:
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        for name, each in zip(names, values, strict=False):
            if isinstance(name, ast.Name) and isinstance(each, ast.Constant):
                found[name.id] = str(each.value)
    return found


def _calls(node: ast.AST, name: str) -> list[ast.Call]:
    return [
        each
        for each in ast.walk(node)
        if isinstance(each, ast.Call)
        and (getattr(each.func, "id", "") == name or getattr(each.func, "attr", "") == name)
    ]


def _noted_kinds() -> set[str]:
    """Every kind that `note_change` is called with, also through a function of the same module
    that passes its own `kind` on."""
    found: set[str] = set()
    for path, module in _modules():
        names = {"note_change"}
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and _calls(node, "note_change"):
                arguments = [*node.args.args, *node.args.kwonlyargs]
                if path.parts[-2:] != ("changes", "services.py") and any(
                    each.arg == "kind" for each in arguments
                ):
                    names.add(node.name)
        constants = _constants(module)
        for name in names:
            for call in _calls(module, name):
                for word in call.keywords:
                    if word.arg != "kind":
                        continue
                    if isinstance(word.value, ast.Constant):
                        found.add(str(word.value.value))
                    elif isinstance(word.value, ast.Name) and word.value.id in constants:
                        found.add(constants[word.value.id])
    return found


def test_the_table_holds_every_change_that_is_told_and_no_other() -> None:
    assert _noted_kinds() == set(RISKY)


def test_whatever_reads_like_a_change_is_in_the_table_or_known_as_harmless() -> None:
    like_changes = {kind for kind in KIND_TITLES if kind.endswith(_CHANGES)}
    assert like_changes - set(RISKY) - set(_HARMLESS) == set()
    assert not set(RISKY) & set(_HARMLESS)


@pytest.mark.parametrize("line", RISKY.values(), ids=str)
def test_every_line_has_words_and_either_a_way_back_or_a_reason(line: Risky) -> None:
    assert line.kind in KIND_TITLES
    undo = get_undo(line.kind)
    assert bool(undo) != bool(line.stays), line.kind
    assert way_of(line.kind) is line.back, line.kind
    assert undo is None or str(undo.says)
    assert bool(line.pages) == (line.proof is Proof.STEP_UP)


def test_nothing_that_gives_a_factor_back_is_undone_by_the_phone_alone() -> None:
    factors = {kind for kind in RISKY if kind.startswith(("two_factor.", "passkey."))}
    assert len(factors) == 4
    assert {way_of(kind) for kind in factors} == {Way.SIGNED_IN, Way.PERSON}


def _path(name: str, card_id: object) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, args=[card_id])


@pytest.mark.django_db
@pytest.mark.usefixtures("phones")
def test_no_page_of_the_table_changes_anything_without_fresh_proof(
    client: Client, alice: User
) -> None:
    """Signed in a moment ago, which is no fresh proof; also not with a form sent directly."""
    wallet = wallet_with(alice)
    card = link_card(alice)
    OwnLimits.objects.create(wallet=wallet, day_minor=100_00, set_by=alice)
    client.post("/sign-out/")
    try_password(client, alice, LOGIN_PASSWORD)
    set_rules(user=alice, rules=Rules(from_minor=100_00))
    before = SecurityEvent.objects.filter(user=alice).count(), SmsCode.objects.count()
    pages = sorted({page for line in RISKY.values() for page in line.pages})
    for page in pages:
        answer = client.post(_path(page, card.public_id), {"from_amount": "", "day": ""})
        if answer.status_code == 405:
            answer = client.get(_path(page, card.public_id))
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/step-up/?next="), page
    assert client.post(_path("banking:remove_card", uuid4())).status_code == 404
    after = SecurityEvent.objects.filter(user=alice).count(), SmsCode.objects.count()
    assert before == after
