"""The page frame as a Django app."""

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """Frame of the pages: layouts, tags, errors, preferences, theme. Knows no money."""

    name = "walletsite.shell"
    label = "shell"

    def ready(self) -> None:
        """Register the start-up checks."""
        from walletsite.shell import checks  # noqa: F401
