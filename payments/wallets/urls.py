"""Addresses of the wallets room."""

from __future__ import annotations

from django.urls import path

from payments.wallets import levels, views

app_name = "wallets"

urlpatterns = [
    path("opened/", views.opened, name="opened"),
    path("me/limits/", views.limits, name="limits"),
    path("me/level/", levels.level, name="level"),
]
