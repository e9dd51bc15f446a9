"""What can be proposed. Rooms register their kinds when Django starts; `payments` does so, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from accounts.approvals.models import Proposal

Line = tuple[str | Promise, str | Promise]


@dataclass(frozen=True, slots=True)
class ProposalKind:
    """One thing that takes two people.

    `may_make` and `may_check` are permissions ("accounts.propose_support"). `describe` says in
    plain words what would happen. `carry_out` does it, in the transaction that decides; a Refusal
    of it leaves the proposal open. `open_seconds` is how long it waits for its second person.
    `form_url` names the page on which it is proposed, where that stands by itself.
    """

    name: str
    title: str | Promise
    may_make: str
    may_check: str
    describe: Callable[[Proposal], Sequence[Line]]
    carry_out: Callable[[Proposal], None]
    open_seconds: int = 24 * 3600
    form_url: str = ""


_KINDS: dict[str, ProposalKind] = {}


def register(kind: ProposalKind) -> None:
    """Make a kind known. The same name twice is a mistake of the programmer."""
    known = _KINDS.setdefault(kind.name, kind)
    if known is not kind and known != kind:
        raise ValueError(f"two kinds of proposal are called {kind.name}")


def get_proposal_kind(name: str) -> ProposalKind:
    """The kind of this name. Raises KeyError for a kind that nobody registered."""
    return _KINDS[name]


def list_proposal_kinds() -> list[ProposalKind]:
    """All of them, in the order in which they were registered."""
    return list(_KINDS.values())
