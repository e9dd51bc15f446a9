"""Addresses of opening a wallet."""

from django.urls import path

from accounts.signup import views

app_name = "signup"

urlpatterns = [
    path("open/", views.start, name="start"),
    path("open/person/", views.person, name="person"),
    path("open/phone/", views.phone_only, name="phone"),
    path("open/passwords/", views.passwords, name="passwords"),
    path("open/code/", views.code, name="code"),
    path("open/code/send/", views.send_code, name="send_code"),
    path("open/start-again/", views.start_again, name="start_again"),
    path("terms/service/", views.terms_of_service, name="terms"),
    path("terms/privacy/", views.privacy, name="privacy"),
]
