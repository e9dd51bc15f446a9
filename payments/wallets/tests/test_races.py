"""The class of a wallet and its owner's limits, changed at once by several."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from accounts.changes.models import Change
from accounts.factors.errors import FreshProofNeeded
from accounts.identity.services import raise_assurance
from accounts.signin.tests.doors import try_password
from accounts.users.models import User
from ledger.models import LedgerAccount
from payments.wallets.models import Wallet
from payments.wallets.own_limits import (
    Wishes,
    current_wishes,
    narrow_own_limits,
    set_own_limits,
)
from payments.wallets.services import match_wallet_class
from tests.cast import LOGIN_PASSWORD, wallet_with
from tests.race import all_at_once, codes_of, one_inside_the_other

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/me/limits/"


def test_a_class_that_staff_raise_meanwhile_is_not_lowered_again(alice: User) -> None:
    wallet = wallet_with(alice)
    raise_assurance(user=alice, level="card", reason="test")

    def staff() -> None:
        with transaction.atomic():
            raise_assurance(user=alice, level="in_person", reason="test")
            match_wallet_class(user=alice)

    one_inside_the_other(
        lambda: match_wallet_class(user=alice), staff, after=r'FROM "accounts_identity"'
    )
    wallet.refresh_from_db()
    assert wallet.wallet_class == Wallet.WalletClass.I
    assert LedgerAccount.objects.get(pk=wallet.ledger_account_id).balance_cap_minor is None


def test_limits_made_narrower_meanwhile_are_not_widened_without_proof(alice: User) -> None:
    wallet = wallet_with(alice)
    thief = Client()
    try_password(thief, alice, LOGIN_PASSWORD)
    answer, _narrowed = one_inside_the_other(
        lambda: thief.post(PAGE, {"single": "", "day": "900.00", "day_count": ""})["Location"],
        lambda: set_own_limits(wallet=wallet, by=alice, wishes=Wishes(day=1_00)),
        # The page has read what holds, and finds that nothing is widened.
        after=r'FROM "payments_ownlimits"',
    )
    assert str(answer).startswith("/step-up/?next=%2Fme%2Flimits%2F%3F")
    assert "day%3D900.00" in str(answer)
    assert current_wishes(wallet) == Wishes(day=1_00)
    assert not Change.objects.exists()


def test_of_many_limits_without_proof_at_once_the_narrowest_stays(alice: User) -> None:
    wallet = wallet_with(alice)
    results = all_at_once(
        6,
        lambda number: narrow_own_limits(
            wallet=wallet, by=alice, wishes=Wishes(day=(number + 1) * 100)
        ),
    )
    assert set(codes_of(results)) <= {"", "proof.fresh"}
    assert current_wishes(wallet) == Wishes(day=100)


def test_narrower_limits_need_no_proof_and_wider_ones_do(alice: User) -> None:
    wallet = wallet_with(alice)
    narrow_own_limits(wallet=wallet, by=alice, wishes=Wishes(day=100_00))
    narrow_own_limits(wallet=wallet, by=alice, wishes=Wishes(day=50_00, day_count=3))
    for wider in (Wishes(), Wishes(day=50_01, day_count=3), Wishes(day=50_00)):
        with pytest.raises(FreshProofNeeded):
            narrow_own_limits(wallet=wallet, by=alice, wishes=wider)
    assert current_wishes(wallet) == Wishes(day=50_00, day_count=3)
