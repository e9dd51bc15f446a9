"""The one admin site."""

from django.contrib.admin.apps import AdminConfig


class WalletAdminConfig(AdminConfig):
    """Django's admin with our site in its place, and only what staff have a use for on it."""

    default_site = "accounts.support.site.WalletAdminSite"

    def ready(self) -> None:
        """Find the admin classes, then take off what other packages put there unasked."""
        super().ready()
        from django.contrib import admin
        from django.contrib.auth.models import Group
        from django_otp.plugins.otp_totp.models import TOTPDevice

        from accounts.support.staff_admin import RoleAdmin

        for model in (TOTPDevice, Group):
            if admin.site.is_registered(model):
                admin.site.unregister(model)
        admin.site.register(Group, RoleAdmin)
        # Nobody deletes what the admin shows; a class that forgets to say so offers it even less.
        admin.site.disable_action("delete_selected")
