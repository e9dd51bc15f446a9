"""The one admin site."""

from django.contrib.admin.apps import AdminConfig


class WalletAdminConfig(AdminConfig):
    """Django's admin with our site in its place, and only what staff have a use for on it."""

    default_site = "accounts.support.site.WalletAdminSite"

    def ready(self) -> None:
        """Find the admin classes, then take off what other packages put there unasked."""
        super().ready()
        from django.contrib import admin
        from django_otp.plugins.otp_totp.models import TOTPDevice

        if admin.site.is_registered(TOTPDevice):
            admin.site.unregister(TOTPDevice)
