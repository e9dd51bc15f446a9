"""Give the staff roles their permissions, after every migration."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.support.roles import ROLES, sync_roles


class Command(BaseCommand):
    """Idempotent; nobody's membership changes."""

    help = f"Create the staff roles ({', '.join(ROLES)}) with exactly their permissions."

    def handle(self, *args: Any, **options: Any) -> None:
        sync_roles()
