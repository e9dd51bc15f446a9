"""Django's entry to the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Register the start-up checks of the rooms."""
        from accounts.phone import checks  # noqa: F401
