"""The one way in which a rule says no to a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security.counters import REFUSALS


class Refusal(Exception):
    """A rule said no, and the person can act on it. Anything else that goes wrong is a bug.

    `code` is stable (`limit.day`); `message` says what happened, whether money moved and what
    to do next, with the named `params` filled in; `field` names the form field it belongs to.
    One that ends a walk for a while has a page of its own (`own_page`, a template) and the moment
    until which it holds; `add_refusal` lets it through to there.
    """

    own_page = ""
    until: datetime | None = None

    def __init__(
        self,
        message: str | Promise,
        *,
        code: str,
        params: Mapping[str, Any] | None = None,
        field: str = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})
        self.field = field
        self._message = message
        REFUSALS.labels(code).inc()

    @property
    def message(self) -> str:
        """The sentence for the person, in the language that is active now."""
        return str(self._message) % self.params if self.params else str(self._message)


class BrowserSignedOut(Refusal):
    """The browser that asks for it was signed out before it was done."""

    def __init__(self) -> None:
        super().__init__(
            _("This device was signed out. Sign in again to go on."), code="session.ended"
        )
