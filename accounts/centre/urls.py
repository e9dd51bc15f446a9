"""Addresses of my own pages."""

from django.urls import include, path

from accounts.centre import change_views, identity_views, not_me_views, views

_me = [path("me/", views.me, name="me")]
_identity = [path("me/identity/", identity_views.add, name="add")]
_security = [
    path("security/", views.centre, name="centre"),
    path("security/devices/end-others/", views.end_others, name="end_others"),
    path("security/devices/end-all/", views.end_all, name="end_all"),
    path("security/log/", views.log, name="log"),
    path("security/devices/<uuid:public_id>/end/", views.end_one, name="end_one"),
    path("security/devices/<uuid:public_id>/forget/", views.forget, name="forget_device"),
    path("security/changes/<uuid:public_id>/seen/", change_views.seen, name="change_seen"),
    path("security/changes/<uuid:public_id>/undo/", change_views.undo, name="change_undo"),
    path("not-me/", not_me_views.start, name="not_me"),
    path("not-me/code/", not_me_views.code, name="not_me_code"),
    path("not-me/act/", not_me_views.act, name="not_me_act"),
    path("not-me/undo/", not_me_views.undo, name="not_me_undo"),
    path("not-me/stop/", not_me_views.stop, name="not_me_stop"),
]

urlpatterns = [
    path("", include((_me, "users"))),
    path("", include((_identity, "identity"))),
    path("", include((_security, "security"))),
]
