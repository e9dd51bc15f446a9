"""Addresses of the second factor."""

from django.urls import path

from accounts.factors import passkey_views, views

app_name = "factors"

urlpatterns = [
    path("step-up/", views.step_up, name="step_up"),
    path("security/two-factor/", views.two_factor, name="two_factor"),
    path("security/two-factor/begin/", views.begin, name="begin"),
    path("security/two-factor/confirm/", views.confirm, name="confirm"),
    path("security/two-factor/off/", views.switch_off, name="switch_off"),
    path("security/two-factor/recovery-codes/", views.recovery_codes, name="recovery_codes"),
    # Where people look for them: they are the first of the second factors.
    path("security/passkeys/", views.two_factor, name="passkeys"),
    path("security/passkeys/add/", passkey_views.add, name="add_passkey"),
    path("security/passkeys/<uuid:public_id>/", passkey_views.one, name="passkey"),
    path(
        "security/passkeys/<uuid:public_id>/remove/",
        passkey_views.remove,
        name="remove_passkey",
    ),
]
