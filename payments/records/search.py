"""Finding records by words of the note, of the other side's name, or by their reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.users.models import User
from payments.processing.models import Payment, SearchWord
from payments.processing.words import asked_words
from payments.records.branches import branches, wallet_ids_of
from payments.records.criteria import Criteria
from payments.records.cursors import Cursor

# One step of a search looks at no more payments that have its longest word.
STEP = 1_000
# So many of them are read at once.
_LOOK = 100


def search(
    user: User, criteria: Criteria, after: Cursor | None, *, most: int
) -> tuple[list[Payment], Cursor | None]:
    """Records with all the words of `criteria.text`, or with that reference, the last begun
    first; and where to go on (None at the end).

    Looks at a thousand candidates at the most: a page may be short, or empty, and go on.
    """
    below = after.row_id if after else None
    ids, is_end = _candidates(wallet_ids_of(user), criteria.text, below)
    lists = branches(user, replace(criteria, text=""))
    hits: list[Payment] = []
    for begin in range(0, len(ids), _LOOK):
        part = ids[begin : begin + _LOOK]
        seen = {row.pk: row for one in lists for row in one.rows.filter(pk__in=part).order_by()}
        hits += [seen[pk] for pk in sorted(seen, reverse=True)]
        if len(hits) > most:
            return hits[:most], Cursor.below(hits[most - 1])
    return hits, None if is_end else Cursor(timezone.now(), ids[-1])


def _candidates(mine: Sequence[int], text: str, below: int | None) -> tuple[list[int], bool]:
    """Ids of payments that have the words, newest first, and whether there are no more."""
    found: set[int] = set()
    is_end = True
    words = asked_words(text)
    for wallet_id in mine if words else []:
        rows = SearchWord.objects.filter(wallet_id=wallet_id, word=words[0])
        for word in words[1:]:
            other = SearchWord.objects.filter(
                wallet_id=wallet_id, word=word, payment_id=OuterRef("payment_id")
            )
            rows = rows.filter(Exists(other))
        if below is not None:
            rows = rows.filter(payment_id__lt=below)
        ids = rows.order_by("-payment_id").values_list("payment_id", flat=True)[:STEP]
        is_end = is_end and len(ids) < STEP
        found.update(ids)
    exact = Payment.objects.filter(reference="".join(text.split()).upper())
    if below is not None:
        exact = exact.filter(pk__lt=below)
    found.update(exact.values_list("pk", flat=True))
    newest = sorted(found, reverse=True)
    return newest[:STEP], is_end and len(newest) <= STEP
