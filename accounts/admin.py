"""Gathers the rooms' admin classes for Django."""

from accounts.security.admin import SecurityEventAdmin

__all__ = ["SecurityEventAdmin"]
