"""Browser sessions in the database, which know themselves again when their key is new."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.security.sessions import BINDING_FIELD


class SessionStore(DatabaseStore):
    """Django's own; whoever cycles the key, codes and walks of this browser stay its own.

    They are tied to the first key that the session had (accounts/phone/binding.py), which is worth
    nothing as a cookie any more. It ends with the session: at signing out, and when somebody else
    signs in.
    """

    def cycle_key(self) -> None:
        """A new key for the same data; the old one is dead."""
        # Looked for first: what a browser sent as its key is none until it was found.
        first = self.get(BINDING_FIELD) or self.session_key
        if first:
            self[BINDING_FIELD] = first
        super().cycle_key()
