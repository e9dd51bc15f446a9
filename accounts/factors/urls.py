"""Addresses of the second factor."""

from django.urls import path

from accounts.factors import views

app_name = "factors"

urlpatterns = [
    path("step-up/", views.step_up, name="step_up"),
    path("security/two-factor/", views.two_factor, name="two_factor"),
    path("security/two-factor/begin/", views.begin, name="begin"),
    path("security/two-factor/confirm/", views.confirm, name="confirm"),
    path("security/two-factor/off/", views.switch_off, name="switch_off"),
    path("security/two-factor/recovery-codes/", views.recovery_codes, name="recovery_codes"),
]
