"""Addresses of the payment password."""

from django.urls import path

from accounts.payment_password import views

app_name = "payment_password"

urlpatterns = [
    path("security/payment-password/", views.change, name="change"),
    path("recover/payment/", views.reset, name="reset"),
    path("recover/payment/factor/", views.reset_factor, name="reset_factor"),
    path("recover/payment/code/", views.reset_code, name="reset_code"),
    path("recover/payment/new/", views.reset_new, name="reset_new"),
]
