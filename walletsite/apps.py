"""The configuration as a Django app: it has no models, only start-up checks and commands."""

from django.apps import AppConfig

from walletsite.celery import app as celery_app
from walletsite.observability.processes import count_across_processes

__all__ = ["WalletsiteConfig", "celery_app"]

# Before any app makes a metric.
count_across_processes()


class WalletsiteConfig(AppConfig):
    """Registers the start-up checks."""

    name = "walletsite"

    def ready(self) -> None:
        """Import the checks, which registers them; watch tasks and the database; mask what nobody
        caught."""
        from walletsite import checks  # noqa: F401
        from walletsite.observability.database import watch_database
        from walletsite.observability.requests import forget_at_the_end
        from walletsite.observability.tasks import watch_tasks
        from walletsite.observability.uncaught import mask_uncaught

        mask_uncaught()
        watch_database()
        watch_tasks()
        forget_at_the_end()
