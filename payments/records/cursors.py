"""Where a list goes on: the last row seen, so that new rows never shift a page (keyset paging)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from payments.processing.models import Payment

_SHAPE = re.compile(r"([0-9]{1,17})-([0-9]{1,18})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The moment and the id of the last row seen; the list goes on below them."""

    moment: datetime
    row_id: int

    def __str__(self) -> str:
        microseconds = (self.moment - _EPOCH) // timedelta(microseconds=1)
        return f"{microseconds}-{self.row_id}"

    @classmethod
    def below(cls, payment: Payment) -> Cursor:
        """The list goes on below this payment."""
        return cls(payment.succeeded_at or payment.created_at, payment.pk)

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """The cursor in an address; None for what is none (the list then starts at the top)."""
        found = _SHAPE.fullmatch(text)
        if found is None:
            return None
        try:
            moment = _EPOCH + timedelta(microseconds=int(found.group(1)))
        except OverflowError:
            return None
        return cls(moment, int(found.group(2)))
