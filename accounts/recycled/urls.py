"""Addresses of numbers that went to somebody else."""

from django.urls import path

from accounts.recycled import views

app_name = "recycled"
urlpatterns = [
    path("number/", views.start, name="start"),
    path("number/code/", views.code, name="code"),
    path("number/state/", views.state, name="state"),
    path("former-number/", views.former, name="former"),
    path("security/number/", views.mine, name="mine"),
]
