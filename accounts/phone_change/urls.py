"""Addresses of a change of phone."""

from django.urls import path

from accounts.phone_change import views

app_name = "phone_change"
urlpatterns = [
    path("security/phone/", views.start, name="start"),
    path("security/phone/old/", views.old, name="old"),
    path("security/phone/person/", views.person, name="person"),
    path("security/phone/new/", views.new, name="new"),
    path("security/phone/stop/", views.stop, name="stop"),
]
