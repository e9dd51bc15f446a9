"""Gathers the rooms' admin classes for Django."""

from accounts.audit.admin import AuditRecordAdmin
from accounts.cases.admin import CaseChangeAdmin
from accounts.phone.admin import SmsProviderAdmin, SmsReceiptAdmin, SmsResultAdmin
from accounts.security.admin import SecurityEventAdmin
from accounts.support.admin import SupportActionAdmin, SupportVisitAdmin
from accounts.support.staff_admin import StaffUserAdmin

__all__ = [
    "AuditRecordAdmin",
    "CaseChangeAdmin",
    "SecurityEventAdmin",
    "SmsProviderAdmin",
    "SmsReceiptAdmin",
    "SmsResultAdmin",
    "StaffUserAdmin",
    "SupportActionAdmin",
    "SupportVisitAdmin",
]
