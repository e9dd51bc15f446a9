"""Addresses of my own pages."""

from django.urls import include, path

from accounts.centre import views

_me = [path("me/", views.me, name="me")]
_security = [
    path("security/", views.centre, name="centre"),
    path("security/devices/end-others/", views.end_others, name="end_others"),
    path("security/devices/<uuid:public_id>/end/", views.end_one, name="end_one"),
]

urlpatterns = [
    path("", include((_me, "users"))),
    path("", include((_security, "security"))),
]
