"""Address of the rules of the second proof."""

from __future__ import annotations

from django.urls import path

from payments.proving import views

app_name = "proving"

urlpatterns = [path("security/payments/", views.rules, name="rules")]
