"""Give the staff roles their permissions, after every migration."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.support.roles import sync_roles


class Command(BaseCommand):
    """Idempotent; nobody's membership changes."""

    help = "Create the staff roles (Operations, Support, Auditor) with exactly their permissions."

    def handle(self, *args: Any, **options: Any) -> None:
        sync_roles()
