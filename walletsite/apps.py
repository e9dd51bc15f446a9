"""The configuration as a Django app: it has no models, only start-up checks and commands."""

from django.apps import AppConfig


class WalletsiteConfig(AppConfig):
    """Registers the start-up checks."""

    name = "walletsite"

    def ready(self) -> None:
        """Import them; that registers them."""
        from walletsite import checks  # noqa: F401
