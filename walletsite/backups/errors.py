"""What can be wrong with a backup, said to the operator."""

from __future__ import annotations


class BackupError(Exception):
    """A backup cannot be taken, read or restored; the message says why and what to do."""
