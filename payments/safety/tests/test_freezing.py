"""Freezing and lifting: at once, by the right people, once, and nothing lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.approvals.models import Proposal
from accounts.approvals.services import approve
from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.phone.models import SmsCode
from accounts.security.letters import ALPHABET
from accounts.security.models import SecurityEvent, UserSession
from accounts.security.throttle import TooManyRequests
from accounts.signin.tests.doors import sign_in_staff, try_password
from accounts.users.models import User
from payments.banking.tests.builders import link_card
from payments.processing.models import Payment
from payments.processing.services import confirm_payment
from payments.safety import services
from payments.safety.codes import new_code, parse_code
from payments.safety.errors import CodeMistyped, CodeUnknown, FrozenByBank
from payments.safety.models import FreezeCode
from payments.transfers.services import compose_transfer
from payments.wallets.errors import WalletFrozen
from payments.wallets.models import Freeze, Wallet
from payments.wallets.services import freeze_wallet
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    make_staff,
    prove_the_books,
    read_code,
    wallet_with,
)
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


@pytest.fixture
def rich(alice: User, bob: User) -> Wallet:
    wallet_with(bob)
    return wallet_with(alice, "100.00")


def signed_in(user: User) -> Client:
    client = Client()
    try_password(client, user, LOGIN_PASSWORD)
    return client


def fresh() -> None:
    UserSession.objects.filter(ended_at=None).update(proved_at=timezone.now())


def id_digits(user: User) -> str:
    return decrypt(Identity.objects.get(user=user).id_number_encrypted)[-6:]


def transfer(payer: User, payee: User, amount: str = "3.00", delay: int = 0) -> Payment:
    return compose_transfer(
        user=payer, payee_text=str(payee.phone), amount_text=amount, note="",
        compose_key=uuid4(), arrival=str(delay),
    )  # fmt: skip


def pay(payment: Payment) -> Payment:
    return confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)


def lift(client: Client, user: User, pin: str = PAYMENT_PASSWORD, digits: str = "") -> Any:
    answer = client.post(
        "/security/freeze/lift/",
        {"payment_password": pin, "id_digits": digits or id_digits(user)},
    )
    if answer.status_code != 302 or answer["Location"] != "/security/freeze/lift/code/":
        return answer
    return client.post("/security/freeze/lift/code/", {"code": read_code(str(user.phone))})


@pytest.mark.django_db(transaction=True)
def test_one_press_stops_money_out_and_takes_back_what_is_on_its_way(
    rich: Wallet, alice: User, bob: User
) -> None:
    on_its_way = pay(transfer(alice, bob, "5.00", delay=7200))
    unpaid = transfer(alice, bob)
    client = signed_in(alice)
    assert "5.00" in client.get("/security/freeze/").content.decode()
    assert client.post("/security/freeze/").status_code == 302
    on_its_way.refresh_from_db()
    assert on_its_way.state == "cancelled"
    with pytest.raises(WalletFrozen):
        pay(unpaid)
    wallet_with(bob, "2.00")
    pay(transfer(bob, alice, "2.00"))
    freeze = Freeze.objects.get()
    assert (freeze.side, freeze.how, freeze.by) == ("owner", "signed_in", alice)
    client.post("/security/freeze/")
    assert Freeze.objects.count() == 1
    prove_the_books()


def test_forms_that_move_money_say_that_it_is_frozen_and_where_to_go(
    rich: Wallet, alice: User
) -> None:
    link_card(alice)
    client, notice = signed_in(alice), '<p><a href="/security/freeze/">'
    for path in ("/transfer/", "/withdraw/"):
        assert notice not in client.get(path).content.decode()
    services.freeze_person(user=alice, how=Freeze.How.SIGNED_IN, by=alice)
    for path in ("/transfer/", "/withdraw/"):
        assert notice in client.get(path).content.decode()


def test_lifting_takes_all_of_it(rich: Wallet, alice: User) -> None:
    services.freeze_person(user=alice, how=Freeze.How.SIGNED_IN, by=alice)
    client = signed_in(alice)
    assert client.post("/security/freeze/lift/")["Location"].startswith("/step-up/")
    fresh()
    SmsCode.objects.all().delete()
    assert lift(client, alice, pin=OTHER_PAYMENT_PASSWORD).status_code == 422
    assert lift(client, alice, digits="000000").status_code == 422
    assert client.get("/security/freeze/lift/code/").status_code == 302
    rich.refresh_from_db()
    assert rich.is_frozen
    assert lift(client, alice).status_code == 302
    rich.refresh_from_db()
    assert not rich.is_frozen
    assert Freeze.objects.get().lifted_by == alice


def test_the_last_step_takes_proof_that_is_still_fresh_and_loses_nothing(
    rich: Wallet, alice: User
) -> None:
    services.freeze_person(user=alice, how=Freeze.How.SIGNED_IN, by=alice)
    client, page = signed_in(alice), "/security/freeze/lift/code/"
    fresh()
    answers = {"payment_password": PAYMENT_PASSWORD, "id_digits": id_digits(alice)}
    assert client.post("/security/freeze/lift/", answers)["Location"] == page
    code = {"code": read_code(str(alice.phone))}
    too_old = timezone.now() - timedelta(minutes=5, seconds=1)
    UserSession.objects.filter(ended_at=None).update(proved_at=too_old)
    assert (
        client.post(page, code)["Location"]
        == "/step-up/?next=%2Fsecurity%2Ffreeze%2Flift%2Fcode%2F"
    )
    rich.refresh_from_db()
    assert rich.is_frozen
    proof = {"password": LOGIN_PASSWORD, "next": page}
    assert client.post("/step-up/", proof)["Location"] == page
    assert client.get(page).status_code == 200
    assert client.post(page, code)["Location"] == "/security/freeze/"
    rich.refresh_from_db()
    assert not rich.is_frozen


def test_the_owner_cannot_lift_what_the_bank_froze_nor_the_other_way_round(
    rich: Wallet, alice: User, olivia: User
) -> None:
    freeze_wallet(wallet=rich, by=olivia, reason="court order")
    with pytest.raises(FrozenByBank):
        services.start_lift(
            user=alice, payment_password=PAYMENT_PASSWORD, id_digits=id_digits(alice),
            session_key="s", address="10.0.0.1",
        )  # fmt: skip
    services.freeze_person(user=alice, how=Freeze.How.CODE, by=None)
    by_bank = Freeze.objects.get(side="bank")
    services.lift_for_bank(freeze=by_bank, by=olivia, reason="order withdrawn")
    rich.refresh_from_db()
    assert rich.is_frozen
    assert list(Freeze.objects.filter(lifted_at=None).values_list("side", flat=True)) == ["owner"]


def test_the_code_on_paper_freezes_for_anybody_and_signs_everybody_out(
    rich: Wallet, alice: User
) -> None:
    mine = signed_in(alice)
    page = mine.post("/security/freeze/code/")
    row = FreezeCode.objects.get()
    [code] = re.findall(r"<strong>([^<]+)</strong>", page.content.decode())
    text = parse_code(code)
    assert text is not None
    assert text not in row.code_hash
    stranger = Client()
    answer = stranger.post("/freeze/", {"code": text.lower()})
    assert answer["Location"] == "/freeze/done/"
    assert stranger.get("/freeze/done/").status_code == 200
    rich.refresh_from_db()
    assert rich.is_frozen
    assert mine.get("/home/").status_code == 302
    assert stranger.post("/freeze/", {"code": text})["Location"] == "/freeze/done/"
    assert Freeze.objects.count() == 1
    assert SecurityEvent.objects.filter(user=alice, kind="freeze_code.used").count() == 2


def test_a_newer_code_takes_fresh_proof_and_ends_the_older(alice: User, rich: Wallet) -> None:
    client = signed_in(alice)
    old = services.make_freeze_code(user=alice)
    assert client.post("/security/freeze/code/")["Location"] == "/security/freeze/code/new/"
    assert FreezeCode.objects.count() == 1
    fresh()
    assert client.post("/security/freeze/code/").status_code == 200
    with pytest.raises(CodeUnknown):
        services.freeze_by_code(typed=old, address="10.0.0.1")
    rich.refresh_from_db()
    assert not rich.is_frozen


def test_slips_of_the_pen_are_found_and_guessing_is_stopped(alice: User, rich: Wallet) -> None:
    code = services.make_freeze_code(user=alice)
    plain = parse_code(code)
    assert plain is not None
    other = next(letter for letter in ALPHABET if letter != plain[3])
    swapped = plain[:4] + plain[5] + plain[4] + plain[6:]
    wrong = [plain[:3] + other + plain[4:], plain[:-1]]
    wrong += [swapped] if swapped != plain else []
    for typed in wrong:
        with pytest.raises(CodeMistyped):
            services.freeze_by_code(typed=typed, address="10.0.0.2")
    refused = 0
    for _number in range(30):
        try:
            services.freeze_by_code(typed=new_code(), address="10.0.0.3")
        except CodeUnknown:
            refused += 1
        except TooManyRequests:
            break
    assert refused == 5
    rich.refresh_from_db()
    assert not rich.is_frozen


@pytest.mark.django_db(transaction=True)
def test_freezing_against_paying_is_decided_by_the_wallets_row(
    rich: Wallet, alice: User, bob: User
) -> None:
    payments = [transfer(alice, bob, "1.00") for _number in range(6)]

    def act(number: int) -> Any:
        if number == 3:
            return services.freeze_person(user=alice, how=Freeze.How.SIGNED_IN, by=alice)
        return pay(payments[number])

    results = codes_of(all_at_once(6, act))
    assert set(results) <= {"", "wallet.frozen"}
    paid = Payment.objects.filter(state="succeeded", created_by=alice).count()
    assert paid == results[""] - 1
    with pytest.raises(WalletFrozen):
        pay(payments[3])
    prove_the_books()


@pytest.mark.django_db(transaction=True)
def test_the_sweep_finishes_what_a_dead_process_began(rich: Wallet, alice: User, bob: User) -> None:
    on_its_way = pay(transfer(alice, bob, "5.00", delay=7200))
    services.freeze_person(user=alice, how=Freeze.How.CODE, by=None)
    assert services.stop_for_all_frozen() == 1
    assert services.stop_for_all_frozen() == 0
    on_its_way.refresh_from_db()
    assert on_its_way.state == "cancelled"
    prove_the_books()


def test_the_banks_freeze_is_begun_by_one_and_lifted_by_two(rich: Wallet, alice: User) -> None:
    maker = make_staff("Operations", phone="+8613600137711")
    checker = make_staff("Operations checker", phone="+8613600137712")
    client = Client()
    sign_in_staff(client, maker)
    form = {"number": rich.number, "reason": "court order 4711"}
    assert client.post("/admin/payments/freeze/begin/", form)["Location"].startswith("/step-up/")
    fresh()
    assert client.post("/admin/payments/freeze/begin/", {**form, "number": "1"}).status_code == 422
    assert client.post("/admin/payments/freeze/begin/", form).status_code == 302
    rich.refresh_from_db()
    assert rich.is_frozen
    lift_page = f"/admin/payments/freeze/lift/{rich.public_id}/"
    assert lift_page in client.get("/admin/payments/freeze/").content.decode()
    assert client.post(lift_page, {"reason": "order withdrawn"}).status_code == 302
    rich.refresh_from_db()
    assert rich.is_frozen
    proposal = Proposal.objects.get()
    approve(proposal_id=proposal.pk, checker=checker, digest=proposal.digest)
    rich.refresh_from_db()
    assert not rich.is_frozen
    assert client.post(lift_page, {"reason": "once more"}).status_code == 404


def test_who_may_not_freezes_nothing_for_the_bank(rich: Wallet, olivia: User) -> None:
    client = Client()
    sign_in_staff(client, olivia)
    fresh()
    form = {"number": rich.number, "reason": "just because"}
    assert client.post("/admin/payments/freeze/begin/", form).status_code == 403
    assert client.post(f"/admin/payments/freeze/lift/{rich.public_id}/", form).status_code == 403
    rich.refresh_from_db()
    assert not rich.is_frozen
