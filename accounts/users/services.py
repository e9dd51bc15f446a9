"""One change of a person at a time."""

from __future__ import annotations

from accounts.users.models import User


def lock_person(user_id: int) -> User:
    """The person under their row lock, re-read. Call it inside a transaction, before anything else
    of theirs is locked (docs/architecture.md, "One order of locks").

    Weaker than a key lock: rows that point at the person, as every event does, may be written
    meanwhile, and who writes one never waits for who holds this.
    """
    return User.objects.select_for_update(no_key=True).get(pk=user_id)
