"""Addresses of the identity room."""

from django.urls import path

from accounts.identity import views

app_name = "identity"

urlpatterns = [path("me/identity/", views.add, name="add")]
