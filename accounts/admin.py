"""Gathers the rooms' admin classes for Django."""

from accounts.cases.admin import CaseChangeAdmin
from accounts.phone.admin import SmsProviderAdmin, SmsReceiptAdmin, SmsResultAdmin
from accounts.security.admin import SecurityEventAdmin
from accounts.support.admin import SupportActionAdmin, SupportVisitAdmin
from accounts.users.admin import StaffUserAdmin

__all__ = [
    "CaseChangeAdmin",
    "SecurityEventAdmin",
    "SmsProviderAdmin",
    "SmsReceiptAdmin",
    "SmsResultAdmin",
    "StaffUserAdmin",
    "SupportActionAdmin",
    "SupportVisitAdmin",
]
