"""What the tests of this room may ask for."""

from __future__ import annotations

from typing import Any

import pytest

from payments.banking.tests.builders import quick


@pytest.fixture
def quick_bank(settings: Any) -> None:
    """A sandbox bank that decides at once."""
    quick(settings)
