"""What proves little counts for little: one find is one proof, however much it shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.approvals.errors import SameBrowser
from accounts.payment_password.selectors import payment_password_state
from accounts.security.models import KnownDevice, SecurityEvent
from accounts.signin.tests.doors import sign_in_staff
from accounts.support import errors, services
from accounts.support.models import SupportVisit
from accounts.support.scoring import CheckState
from accounts.support.selectors import check_state
from accounts.support.tests.test_desk import lock_payment_password
from accounts.support.tests.test_score import give
from accounts.users.models import User
from tests.cast import make_customer

pytestmark = pytest.mark.django_db
NOTHING: dict[str, Any] = {
    "needs_id": True, "is_id_matched": False, "id_tries_left": 3,
    "is_code_asked": False, "is_code_matched": False,
}  # fmt: skip


def check(**shown: Any) -> CheckState:
    return CheckState(**{**NOTHING, **shown})


def outcome(state: CheckState) -> tuple[int, bool, bool]:
    return state.points, state.is_passed, state.may_hand_over


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        # A signed-in browser that was found open, and what stands in it.
        ({"is_shown_matched": True}, (50, False, False)),
        ({"is_shown_matched": True, "answers_right": 2}, (50, False, False)),
        # A stolen telephone shows the text message, too; the ID digits are still missing.
        (
            {"is_shown_matched": True, "is_code_matched": True, "answers_right": 2},
            (90, False, False),
        ),
        # The document and the digits on it.
        ({"is_document_seen": True}, (0, False, False)),
        ({"is_document_seen": True, "is_id_matched": True}, (60, False, False)),
        ({"is_document_seen": True, "answers_right": 2}, (0, False, False)),
        # Somebody who knows the digits and the records, without the phone or the document.
        ({"is_id_matched": True, "answers_right": 2}, (70, False, False)),
        # Two that are apart.
        ({"is_id_matched": True, "is_shown_matched": True}, (80, True, False)),
        ({"is_id_matched": True, "is_code_matched": True}, (80, True, False)),
        ({"is_id_matched": True, "is_code_matched": True, "answers_right": 1}, (100, True, True)),
        (
            {"is_document_seen": True, "is_id_matched": True, "answers_right": 1},
            (80, True, False),
        ),
        ({"is_document_seen": True, "is_id_matched": True, "answers_right": 2}, (100, True, True)),
        (
            {"is_document_seen": True, "is_id_matched": True, "is_code_matched": True},
            (110, True, True),
        ),
    ],
)
def test_with_an_id_on_record(shown: dict[str, Any], expected: tuple[int, bool, bool]) -> None:
    assert outcome(check(**shown)) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"is_code_matched": True}, (50, True, False)),
        ({"is_code_matched": True, "answers_right": 2}, (90, True, False)),
        ({"is_shown_matched": True}, (50, False, False)),
        ({"is_shown_matched": True, "answers_right": 2}, (50, False, False)),
        ({"is_document_seen": True, "answers_right": 2}, (0, False, False)),
    ],
)
def test_without_an_id_on_record(shown: dict[str, Any], expected: tuple[int, bool, bool]) -> None:
    assert outcome(check(needs_id=False, **shown)) == expected


def test_the_points_are_explained_and_add_up() -> None:
    state = check(is_code_matched=True, is_id_matched=True, answers_right=1, answers_wrong=1)
    assert sum(points for _what, points in state.lines) == state.points == 80
    assert [points for _what, points in state.lines] == [50, 30, 20, -20]


def test_the_next_step_is_one_that_can_help() -> None:
    assert check().next_step == "code"
    assert check(is_shown_matched=True).next_step == "id"
    assert check(is_code_matched=True, id_tries_left=0).next_step == "stop"
    assert check(needs_id=False, is_shown_matched=True).next_step == "message"
    assert check(is_document_seen=True).next_step == "id"
    assert check(is_document_seen=True, is_id_matched=True).next_step == "more"


def test_a_document_is_compared_with_a_record_or_not_noted(olivia: User) -> None:
    nobody_knows = make_customer(id_number="")
    visit = services.open_visit(
        agent=olivia, customer=nobody_knows, why="visit", reason="at the counter", address=""
    )
    with pytest.raises(errors.NoIdentity):
        services.note_document(visit=visit)
    assert check_state(visit).points == 0


def test_the_page_says_what_counts_and_what_does_not_yet(
    client: Client, olivia: User, alice: User
) -> None:
    visit: SupportVisit = services.open_visit(
        agent=olivia, customer=alice, why="visit", reason="at the counter", address=""
    )
    services.note_document(visit=visit)
    give(visit, answers_right=1)
    sign_in_staff(client, olivia)
    page, english = f"/admin/desk/{visit.public_id}/", {"accept-language": "en"}
    html = client.get(page, headers=english).content.decode()
    assert "Answers count once" in html and "seen, and it matches" not in html
    give(visit, id_matched_at=visit.created_at)
    html = client.get(page, headers=english).content.decode()
    assert "The ID document, with the digits on record: 60" in html
    assert "Right answers: 20" in html and "seen, and it matches" in html


def test_an_agent_helps_nobody_whose_wallet_is_used_in_the_agents_browser(
    olivia: User, alice: User, settings: Any
) -> None:
    settings.DEVICES = {**settings.DEVICES, "shared_seconds": 86_400}
    for person in (olivia, alice):
        KnownDevice.objects.create(user=person, token_hash="a" * 64)
    lock_payment_password(alice)
    visit = services.open_visit(
        agent=olivia, customer=alice, why="call", reason="cannot pay", address=""
    )
    now = visit.created_at
    give(visit, code_matched_at=now, id_matched_at=now, answers_right=2)
    with pytest.raises(SameBrowser):
        services.end_lock(visit=visit, which="payment-password", reason="checked by phone")
    with pytest.raises(SameBrowser):
        services.hand_over(visit=visit, reason="phone is gone", phone="+8613900139456")
    assert payment_password_state(alice).is_locked
    noted = SecurityEvent.objects.filter(kind="staff.same_browser")
    assert set(noted.values_list("user", "actor")) == {(alice.pk, olivia.pk)}
