"""Which wallets are of high value."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.support.high_value import is_high_value
from accounts.users.models import User
from payments.wallets.models import Wallet
from tests.cast import prove_the_books, wallet_with

pytestmark = pytest.mark.django_db


def test_by_what_is_in_it_or_by_its_class(alice: User, bob: User, settings: Any) -> None:
    settings.SUPPORT = {**settings.SUPPORT, "high_value_minor": 100_00}
    assert not is_high_value(alice)
    wallet_with(alice, "99.99")
    assert not is_high_value(alice)
    wallet_with(alice, "0.01")
    assert is_high_value(alice)
    wallet = wallet_with(bob)
    assert not is_high_value(bob)
    for name in settings.SUPPORT["high_value_classes"]:
        Wallet.objects.filter(pk=wallet.pk).update(wallet_class=name)
        assert is_high_value(bob)
    prove_the_books()
