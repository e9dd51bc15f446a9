"""What can be undone, how, and by whom. Rooms register it when Django starts; `payments`, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from accounts.changes.models import Change
    from accounts.users.models import User

CarryOut = Callable[["Change", Mapping[str, Any]], None]
Stop = Callable[["User"], None]
# Raises a Refusal for somebody who does not know what the phone's holder alone does not know.
ProvePerson = Callable[["User"], None]


class Way(StrEnum):
    """By what a change is taken back. Each way but the first is open to its owner signed in, too,
    with fresh proof."""

    NONE = "not at all"
    SIGNED_IN = "signed in only"
    PHONE = "a code to a phone that was told"
    PERSON = "a code to the phone, and what the phone's holder alone does not know"


@dataclass(frozen=True, slots=True)
class Undo:
    """How a kind of change is taken back. `carry_out` gets the change and what was kept for it,
    runs in the transaction that decides, and may raise a Refusal: then nothing is undone.
    `says` is the sentence on the page: what will be as before. `way`: what it takes of people who
    cannot sign in."""

    kind: str
    says: str | Promise
    carry_out: CarryOut
    way: Way = Way.PHONE


_UNDOS: dict[str, Undo] = {}
_STOPS: list[Stop] = []


def register(*, kind: str, says: str | Promise, carry_out: CarryOut, way: Way = Way.PHONE) -> None:
    """Make a kind of change undoable; the kind is that of its security event."""
    _UNDOS[kind] = Undo(kind, says, carry_out, way)


def get_undo(kind: str) -> Undo | None:
    """How this kind is undone; None for kinds that are not."""
    return _UNDOS.get(kind)


def way_of(kind: str) -> Way:
    """By what this kind is taken back."""
    undo = get_undo(kind)
    return undo.way if undo else Way.NONE


def register_stop(stop: Stop) -> None:
    """Add what stops money from leaving (freezing the wallet), for people who say "not me"."""
    if stop not in _STOPS:
        _STOPS.append(stop)


def list_stops() -> list[Stop]:
    """All of them."""
    return list(_STOPS)
