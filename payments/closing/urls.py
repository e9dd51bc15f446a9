"""Addresses of closing a wallet."""

from __future__ import annotations

from django.urls import path

from payments.closing import views

app_name = "closing"

urlpatterns = [
    path("me/close/", views.state, name="state"),
    path("me/close/confirm/", views.confirm, name="confirm"),
    path("me/close/take-back/", views.take_back, name="take_back"),
]
