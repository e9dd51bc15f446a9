"""Other rate limits for a test."""

from __future__ import annotations

from typing import Any

from django.conf import settings as real_settings

PLENTY = [(10_000, 60)]


def with_limits(settings: Any, action: str, **rules: list[tuple[int, int]]) -> None:
    """Replace lines of an action of the table."""
    table = real_settings.RATE_LIMITS
    settings.RATE_LIMITS = {**table, action: {**table[action], **rules}}
