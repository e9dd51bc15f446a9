"""Maker and checker, below the admin site."""

from django.urls import path

from accounts.approvals import views

app_name = "approvals"
urlpatterns = [
    path("", views.index, name="index"),
    path("<uuid:public_id>/", views.show, name="show"),
    path("<uuid:public_id>/decide/", views.decide, name="decide"),
    path("<uuid:public_id>/withdraw/", views.withdraw, name="withdraw"),
]
