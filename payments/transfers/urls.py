"""Addresses of the transfers room."""

from __future__ import annotations

from django.urls import path

from payments.transfers import views

app_name = "transfers"

urlpatterns = [path("transfer/", views.compose, name="compose")]
