"""manage.py compile_translations"""

from typing import Any

from django.core.management.base import BaseCommand

from walletsite.translations import compile_catalogues


class Command(BaseCommand):
    """Compile what changed."""

    help = "Write the .mo files of the translations, in pure Python."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were written."""
        self.stdout.write(f"{compile_catalogues()} catalogue(s) compiled.")
