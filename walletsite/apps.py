"""The configuration as a Django app: it has no models, only start-up checks and commands."""

from django.apps import AppConfig

from walletsite.observability.processes import count_across_processes

# Before any app makes a metric.
count_across_processes()


class WalletsiteConfig(AppConfig):
    """Registers the start-up checks."""

    name = "walletsite"

    def ready(self) -> None:
        """Import them; that registers them."""
        from walletsite import checks  # noqa: F401
