"""What every test of the people's half gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english_is_spoken() -> Iterator[None]:
    """Sentences made outside a request come in English; a request speaks its reader's language."""
    with translation.override("en"):
        yield
