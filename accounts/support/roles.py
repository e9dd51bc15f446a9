"""The roles of staff: which group may look at what. Nobody's role changes money or records;
working on a reconciliation case adds notes to it."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

DESK = "use_desk"
CASES = "work_on_cases"
# What customers asked support; the other one is about payments.
WORK_CASES = "work_cases"
# Maker and checker: two roles, and nobody decides what they proposed even with both.
PROPOSE_SUPPORT, DECIDE_SUPPORT = "propose_support", "decide_support"
EXPORT_AUDIT = "export_audit"
PROPOSE_MONEY, DECIDE_MONEY = "propose_money", "decide_money"
# Looked after by the operations desk; the customers' own records and the security log are not.
_OPERATIONS_APPS = ("payments", "ledger")
# How text messages do, by provider: no phone number is in these.
_TEXTS = ("smsprovider", "smsresult", "smsreceipt", "smsalarm")
END_ALARM = "end_sms_alarm"


# Every role, by the name that its group has; who adds a member of staff chooses one of these.
OPERATIONS, OPERATIONS_CHECKER = "Operations", "Operations checker"
SUPPORT, SUPPORT_LEAD, AUDITOR = "Support", "Support lead", "Auditor"
ROLES = (SUPPORT, SUPPORT_LEAD, OPERATIONS, OPERATIONS_CHECKER, AUDITOR)
# No group: who gives and takes roles (a superuser of Django's).
ADMINISTRATOR = "Administrator"


def sync_roles() -> None:
    """Create the groups and give each exactly its permissions. Idempotent.

    Operations look at wallets, payments, the books and how text messages do, work on
    cases and propose what takes two people; checkers look at the same and decide.
    Support works at the desk and nowhere else; a lead also decides what support proposes. Auditors
    look at everything the admin shows.
    """
    views = Permission.objects.filter(codename__startswith="view_").filter(_shown())
    cases = Permission.objects.filter(codename=CASES, content_type__app_label="payments")
    texts = views.filter(content_type__app_label="accounts", content_type__model__in=_TEXTS)
    money = views.filter(content_type__app_label__in=_OPERATIONS_APPS)
    _sync(OPERATIONS, money | texts | cases | _rights(PROPOSE_MONEY, END_ALARM))
    _sync(OPERATIONS_CHECKER, money | texts | _rights(DECIDE_MONEY))
    desk = (DESK, WORK_CASES, PROPOSE_SUPPORT)
    _sync(SUPPORT, _rights(*desk))
    _sync(SUPPORT_LEAD, _rights(*desk, DECIDE_SUPPORT))
    _sync(AUDITOR, views | _rights(EXPORT_AUDIT))


def _rights(*codenames: str) -> QuerySet[Permission]:
    return Permission.objects.filter(codename__in=codenames, content_type__app_label="accounts")


def _shown() -> Q:
    """The models that the admin shows, as permissions see them; users and groups are managed by
    the administrator alone."""
    shown = Q(pk__in=[])
    for model in admin.site._registry:
        if model._meta.model_name not in {"user", "group"}:
            shown |= Q(
                content_type__app_label=model._meta.app_label,
                content_type__model=model._meta.model_name,
            )
    return shown


def _sync(name: str, permissions: object) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(permissions)  # type: ignore[arg-type]
