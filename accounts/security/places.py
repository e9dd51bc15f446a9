"""Roughly where a browser is, out of its network: for people to recognise, not to follow.

Nobody outside is asked. An operator may name a file of networks and places
(`WALLET_PLACES_FILE`, docs/how-to/places.md); without one the network itself is shown, its last
part left out.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _


class Places(Protocol):
    """Whoever knows where a network is."""

    def place_of(self, network: str) -> str:
        """A town or region in the reader's language, "" when not known. `network` is what
        `addresses.address_hint` keeps: never a whole address."""
        ...


class PlacesFile:
    """Lines `network,Chinese name,English name`, such as `203.0.113.0/24,上海,Shanghai`; networks
    do not overlap."""

    def __init__(self, path: str) -> None:
        self._ranges: list[tuple[int, int, int, str, str]] = []
        with Path(path).open(encoding="utf-8", newline="") as lines:
            for line in csv.reader(lines):
                if len(line) == 3 and not line[0].startswith("#"):
                    net = ip_network(line[0].strip(), strict=False)
                    first, last = int(net.network_address), int(net.broadcast_address)
                    self._ranges.append((net.version, first, last, line[1], line[2]))
        self._ranges.sort()
        self._starts = [(version, first) for version, first, *_rest in self._ranges]

    def place_of(self, network: str) -> str:
        """See `Places`."""
        first = _first_address(network)
        if first is None:
            return ""
        at = bisect_right(self._starts, first) - 1
        if at < 0:
            return ""
        version, _first, last, chinese, english = self._ranges[at]
        if version != first[0] or first[1] > last:
            return ""
        return chinese if (get_language() or "").startswith("zh") else english


def place_words(hint: str) -> str:
    """A place and the network, or the network alone; "" when there is none."""
    if not hint:
        return ""
    known = _known(settings.PLACES_FILE) if settings.PLACES_FILE else None
    place = known.place_of(hint) if known else ""
    network = _("network %(hint)s") % {"hint": hint}
    return f"{place} · {network}" if place else network


@lru_cache(maxsize=2)
def _known(path: str) -> Places:
    return PlacesFile(path)


def _first_address(hint: str) -> tuple[int, int] | None:
    """The first address of what a hint says: "203.0.113.x" or "2001:db8::/64"."""
    try:
        parsed = ip_address(hint.partition("/")[0].replace("x", "0"))
    except ValueError:
        return None
    return parsed.version, int(parsed)
