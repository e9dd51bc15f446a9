"""How a file is refused as a whole, and how sending a batch is."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal


class FileRefused(Refusal):
    """The file cannot be read at all; the sentence says what to do with it."""

    def __init__(
        self, message: str | Promise, *, code: str, params: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message, code=f"batch.{code}", params=dict(params or {}), field="file")


class BatchGone(Refusal):
    """The draft expired, was discarded, or was sent already: its page tells."""

    def __init__(self) -> None:
        super().__init__(
            _("This file is no longer waiting to be sent. Look at its page."), code="batch.gone"
        )


class BatchDoesNotFit(Refusal):
    """The whole does not fit the balance or the limits; `message` says which and by how much."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message, code="batch.does_not_fit")


class BatchSentBefore(Refusal):
    """A file with the same lines was sent, and nobody said that it is meant again."""

    def __init__(self, *, at: str) -> None:
        super().__init__(
            _(
                "You sent a file with the same lines on %(at)s. Nothing was charged. If it is "
                "meant a second time, say so on the preview."
            ),
            code="batch.same_file",
            params={"at": at},
        )
