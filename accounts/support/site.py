"""Boot stub."""

from django.contrib.admin import AdminSite


class WalletAdminSite(AdminSite): ...
