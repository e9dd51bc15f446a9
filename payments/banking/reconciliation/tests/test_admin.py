"""Staff and the queue of cases: who may look, who may work, what stays for ever."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import Error, transaction
from django.test import Client

from accounts.security.looking import begin_look
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from payments.banking.models import LinkedCard
from payments.banking.reconciliation.errors import CaseClosed
from payments.banking.reconciliation.models import (
    BankFile,
    BankStatement,
    CaseNote,
    EntryOutcome,
    FileOrder,
    FileOrderStep,
    ReconciliationCase,
    StatementEntry,
)
from payments.banking.reconciliation.services import (
    assign_case,
    open_case,
    reconcile_bank,
    resolve_case,
)
from payments.banking.reconciliation.states import CaseKind
from payments.banking.reconciliation.tests.builders import bank_day, sent_out
from tests.cast import make_staff, prove_the_books

pytestmark = pytest.mark.django_db(transaction=True)
QUEUE = "/admin/payments/reconciliationcase/"


def a_case(key: str = "entry:1", at_risk_minor: int = 12_34) -> ReconciliationCase:
    return open_case(
        key=key,
        kind=CaseKind.UNMATCHED_CREDIT,
        facts={"reference": "NOBODY", "amount_minor": at_risk_minor},
        at_risk_minor=at_risk_minor,
        currency="CNY",
    )


def desk_of(client: Client, role: str) -> User:
    person = make_staff(role)
    sign_in_staff(client, person)
    return person


def page_of(case: ReconciliationCase) -> str:
    return f"{QUEUE}{case.pk}/change/"


def test_the_queue_shows_the_oldest_first_and_the_money_at_risk(client: Client) -> None:
    a_case("entry:1", 12_34)
    a_case("entry:2", 5_66)
    done = a_case("entry:3", 99_00)
    resolve_case(case=done, by=make_staff("Operations"), text="the bank took it back")
    desk_of(client, "Operations")
    page = client.get(QUEUE).content.decode()
    assert page.index("12.34") < page.index("5.66")
    assert "18.00" in page and "99.00" not in page
    assert "99.00" in client.get(f"{QUEUE}?left=all").content.decode()
    assert "12.34" not in client.get(f"{QUEUE}?left=mine").content.decode().split("<tbody>")[-1]


def test_operations_note_assign_and_resolve_with_a_reason(client: Client) -> None:
    case = a_case()
    person = desk_of(client, "Operations")
    other = make_staff("Operations")
    assert client.post(page_of(case), {"step": "resolve", "text": " "}).status_code == 422
    asked = {"step": "note", "text": "asked the bank by phone"}
    assert client.post(page_of(case), asked).status_code == 302
    given = {"step": "assign", "text": "yours, please", "assignee": str(other.pk)}
    assert client.post(page_of(case), given).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.assigned_to) == ("assigned", other)
    ended = {"step": "resolve", "text": "sent back to its owner"}
    assert client.post(page_of(case), ended).status_code == 302
    assert client.post(page_of(case), ended).status_code == 422
    case.refresh_from_db()
    assert case.is_resolved
    assert list(case.notes.values_list("to_state", "by")) == [
        ("open", None),
        ("open", person.pk),
        ("assigned", person.pk),
        ("resolved", person.pk),
    ]
    page = client.get(page_of(case)).content.decode()
    assert "sent back to its owner" in page and "<textarea" not in page


def test_auditors_look_and_do_nothing(client: Client) -> None:
    case = a_case()
    desk_of(client, "Auditor")
    page = client.get(page_of(case))
    assert page.status_code == 200 and "<textarea" not in page.content.decode()
    assert client.post(page_of(case), {"step": "resolve", "text": "never mind"}).status_code == 403


@pytest.mark.parametrize("role", ["Support", None])
def test_nobody_else_sees_a_case(client: Client, alice: User, role: str | None) -> None:
    case = a_case()
    if role:
        desk_of(client, role)
    else:
        client.force_login(alice)
    for path in (QUEUE, page_of(case)):
        assert client.get(path).status_code in {302, 403, 404}
    assert client.post(page_of(case), {"step": "resolve", "text": "mine"}).status_code != 200
    assert not ReconciliationCase.objects.get().is_resolved


def test_pages_show_no_name_and_no_number_in_full(
    client: Client, alice: User, card: LinkedCard
) -> None:
    sent_out(alice, card, 120_00)
    bank_day("unknown-entries", "duplicate-rows")
    person = desk_of(client, "Operations")
    begin_look(agent=person, customers=[alice], reason="a test of masks")
    pages = [client.get(QUEUE)]
    pages += [client.get(page_of(case)) for case in ReconciliationCase.objects.all()]
    for model in (BankFile, FileOrder, BankStatement, StatementEntry):
        name = f"/admin/payments/{model._meta.model_name}/"
        pages.append(client.get(name))
        pages += [client.get(f"{name}{row.pk}/change/") for row in model.objects.all()]
    assert {page.status_code for page in pages} == {200}
    assert not [page for page in pages if "look_reason" in page.content.decode()]
    text = " ".join(page.content.decode() for page in pages)
    for secret in ("陈思远", "无名氏", "6210990000000013", "6230000000000000", "gAAAA"):
        assert secret not in text
    assert "**** 0000" in text


def test_two_who_resolve_at_once_leave_one_end(olivia: User) -> None:
    from tests.race import all_at_once, codes_of

    case = a_case()
    results = all_at_once(
        4, lambda number: resolve_case(case=case, by=olivia, text=f"resolved by {number}")
    )
    assert codes_of(results) == {"": 1, "case.closed": 3}
    with pytest.raises(CaseClosed):
        assign_case(case=case, by=olivia, to=olivia, text="again")
    assert case.notes.filter(to_state="resolved").count() == 1


def test_the_same_trouble_is_one_case() -> None:
    assert a_case() == a_case()
    assert CaseNote.objects.count() == 1


def test_a_resolved_case_no_longer_stands_in_the_way_of_the_proof(
    alice: User, card: LinkedCard, olivia: User
) -> None:
    bank_day("unknown-entries")
    assert not reconcile_bank().is_right
    for case in ReconciliationCase.objects.all():
        resolve_case(case=case, by=olivia, text="the bank has explained it")
    proof = reconcile_bank()
    assert proof.is_right and proof.not_in_books_minor == 12_34 - 5_67
    prove_the_books()


@pytest.mark.parametrize(
    "model", [BankStatement, StatementEntry, EntryOutcome, CaseNote, FileOrderStep]
)
def test_the_database_refuses_to_change_or_delete(
    alice: User, card: LinkedCard, model: Any
) -> None:
    sent_out(alice, card, 120_00)
    bank_day("unknown-entries")
    column = model._meta.pk.name
    for act in (
        lambda: model.objects.update(**{column: 0}),
        lambda: model.objects.all()._raw_delete(using="default"),
    ):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            act()
    assert model.objects.exists()


@pytest.mark.parametrize("model", [BankFile, FileOrder, ReconciliationCase])
def test_what_was_found_is_never_deleted(alice: User, card: LinkedCard, model: Any) -> None:
    sent_out(alice, card, 120_00)
    bank_day("unknown-entries")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        model.objects.all()._raw_delete(using="default")


def test_not_even_the_administrator_changes_a_row(rf: Any) -> None:
    request = rf.get("/")
    request.user = User.objects.create_superuser("+8613800000001", "a quiet river 27")
    request.user.is_verified = lambda: True
    for model in (BankFile, FileOrder, BankStatement, StatementEntry, ReconciliationCase):
        page = admin.site._registry[model]
        assert page.has_view_permission(request)
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_delete_permission(request)
