"""Beat's memory of what ran when, in a folder that need not be there yet."""

from __future__ import annotations

from pathlib import Path

from celery.beat import PersistentScheduler


class Schedule(PersistentScheduler):
    """Celery's own, which otherwise ends where its folder is missing."""

    schedule_filename: str

    def setup_schedule(self) -> None:
        """Make the folder first."""
        folder = Path(self.schedule_filename).resolve().parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().setup_schedule()
