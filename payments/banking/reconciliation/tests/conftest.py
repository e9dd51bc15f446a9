"""A bank that speaks files, in folders of the test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.users.models import User
from payments.banking.models import LinkedCard
from payments.banking.reconciliation.tests.builders import FILE_RAIL
from payments.banking.tests.builders import link_card
from tests.cast import wallet_with


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> dict[str, Any]:
    """The settings of the rail of files."""
    settings.BANK_FILES = {
        **settings.BANK_FILES,
        **{name: str(tmp_path / name) for name in ("out", "in", "archive")},
        "wait_seconds": 0,
        "untouched_seconds": 0,
    }
    settings.SANDBOX_BANK = {
        **settings.SANDBOX_BANK,
        "rail": FILE_RAIL,
        "settles_after_seconds": 0,
    }
    return settings.BANK_FILES


@pytest.fixture
def card(alice: User, phones: Any, files: dict[str, Any]) -> LinkedCard:
    """alice's card; 500.00 are in her wallet and at the bank."""
    wallet_with(alice, "500.00")
    return link_card(alice)
