"""Addresses of money that waits to be claimed."""

from __future__ import annotations

from django.urls import path

from payments.transfers.unclaimed import views

app_name = "unclaimed"

urlpatterns = [
    path("transfer/unclaimed/", views.compose, name="compose"),
    path("transfer/claims/", views.claims, name="claims"),
    path("transfer/claims/<uuid:public_id>/accept/", views.accept, name="accept"),
    path("transfer/claims/<uuid:public_id>/decline/", views.decline, name="decline"),
]
