"""The one admin site."""

from django.contrib.admin.apps import AdminConfig


class WalletAdminConfig(AdminConfig):
    default_site = "accounts.support.site.WalletAdminSite"
