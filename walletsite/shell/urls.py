"""Addresses of the page frame."""

from django.urls import path, re_path

from walletsite.shell import views

app_name = "shell"

_ENGRAVING = r"^theme/(?P<kind>plate|band)\.svg$"

urlpatterns = [
    path("", views.landing, name="landing"),
    path("help/", views.help_page, name="help"),
    path("help/<slug:slug>/", views.help_entry, name="help_entry"),
    path("service-worker.js", views.service_worker, name="service_worker"),
    path("offline/", views.offline, name="offline"),
    path("security-promises/", views.security_promises, name="promises"),
    path("theme/brand.css", views.theme_css, name="brand_css"),
    re_path(_ENGRAVING, views.engraving, name="engraving"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("preferences/language/", views.set_language, name="set_language"),
    path("preferences/theme/", views.set_theme, name="set_theme"),
    path("preferences/amounts/", views.hide_amounts, name="hide_amounts"),
]
