"""Gathers the rooms' admin classes for Django."""

from accounts.security.admin import SecurityEventAdmin
from accounts.support.admin import SupportActionAdmin, SupportVisitAdmin
from accounts.users.admin import StaffUserAdmin

__all__ = ["SecurityEventAdmin", "StaffUserAdmin", "SupportActionAdmin", "SupportVisitAdmin"]
