"""A restored copy is believed only when its books are right and equal what the manifest says."""

from __future__ import annotations

from walletsite.backups.errors import BackupError
from walletsite.backups.inventory import Inventory, take_inventory

_MOST_SAID = 5


def prove(wanted: Inventory) -> Inventory:
    """Recompute everything on the default connection. Raises BackupError with what differs.

    Books that were wrong already when the backup was taken come back as they were: the manifest
    says so, and the command says it again.
    """
    found = take_inventory()
    faults = wanted.differences(found)
    faults += [problem for problem in found.problems if problem not in wanted.problems]
    if faults:
        more = f" and {len(faults) - _MOST_SAID} more" if len(faults) > _MOST_SAID else ""
        raise BackupError(
            f"What came back is not what was backed up: {'; '.join(faults[:_MOST_SAID])}{more}. "
            "Nothing was changed."
        )
    return found
