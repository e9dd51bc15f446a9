"""The addresses of the site: each room says its own full paths."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

# While rooms are being built, one that has no urls yet is left out.
_ROOMS = [
    "walletsite.shell",
    "accounts.users",
    "accounts.signin",
    "accounts.signup",
    "accounts.phone",
    "accounts.payment_password",
    "accounts.factors",
    "accounts.phone_change",
    "accounts.recycled",
    "accounts.centre",
    "accounts.cases",
    "accounts.guiding",
    "payments.wallets",
    "payments.proving",
    "payments.safety",
    "payments.adjustments",
    "payments.granting",
    "payments.processing",
    "payments.transfers",
    "payments.transfers.batch",
    "payments.transfers.unclaimed",
    "payments.transfers.standing_orders",
    "payments.banking",
    "payments.closing",
    "payments.records",
]

urlpatterns = [
    path("admin/", admin.site.urls),
    *(path("", include(f"{room}.urls")) for room in _ROOMS if find_spec(f"{room}.urls")),
]

handler400 = "walletsite.shell.views.bad_request"
handler403 = "walletsite.shell.views.permission_denied"
handler404 = "walletsite.shell.views.page_not_found"
handler500 = "walletsite.shell.views.server_error"
