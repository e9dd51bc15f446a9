"""What can be undone, and how. Rooms register it when Django starts; `payments` does so, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from accounts.changes.models import Change
    from accounts.users.models import User

CarryOut = Callable[["Change", Mapping[str, Any]], None]
Stop = Callable[["User"], None]


@dataclass(frozen=True, slots=True)
class Undo:
    """How a kind of change is taken back. `carry_out` gets the change and what was kept for it,
    runs in the transaction that decides, and may raise a Refusal: then nothing is undone.
    `says` is the sentence on the page: what will be as before. `by_phone`: whether a code to the
    phone is enough for it, for people who cannot sign in; else only they themselves, signed in."""

    kind: str
    says: str | Promise
    carry_out: CarryOut
    by_phone: bool = True


_UNDOS: dict[str, Undo] = {}
_STOPS: list[Stop] = []


def register(*, kind: str, says: str | Promise, carry_out: CarryOut, by_phone: bool = True) -> None:
    """Make a kind of change undoable; the kind is that of its security event."""
    _UNDOS[kind] = Undo(kind, says, carry_out, by_phone)


def get_undo(kind: str) -> Undo | None:
    """How this kind is undone; None for kinds that are not."""
    return _UNDOS.get(kind)


def register_stop(stop: Stop) -> None:
    """Add what stops money from leaving (freezing the wallet), for people who say "not me"."""
    if stop not in _STOPS:
        _STOPS.append(stop)


def list_stops() -> list[Stop]:
    """All of them."""
    return list(_STOPS)
