"""Addresses of freezing and lifting."""

from __future__ import annotations

from django.urls import path

from payments.safety import views

app_name = "safety"

urlpatterns = [
    path("freeze/", views.by_code, name="freeze"),
    path("freeze/done/", views.frozen, name="frozen"),
    path("security/freeze/", views.mine, name="mine"),
    path("security/freeze/lift/", views.lift, name="lift"),
    path("security/freeze/lift/code/", views.lift_code, name="lift_code"),
    path("security/freeze/code/", views.make_code, name="make_code"),
    path("security/freeze/code/new/", views.new_code, name="new_code"),
]
