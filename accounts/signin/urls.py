"""Addresses of the door."""

from django.urls import path

from accounts.signin import recovery_views, resume_views, views

app_name = "signin"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/passkey/", views.passkey, name="passkey"),
    path("sign-in/verify/", views.verify, name="verify"),
    path("sign-in/resume/", resume_views.resume, name="resume"),
    path("sign-in/cover/", resume_views.cover, name="cover"),
    path("sign-in/stay/", resume_views.stay, name="stay"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("locked/", views.locked, name="locked"),
    path("recover/login/", recovery_views.start, name="recover"),
    path("recover/login/code/", recovery_views.code, name="recover_code"),
    path("recover/login/identity/", recovery_views.identity, name="recover_identity"),
    path("recover/login/password/", recovery_views.password, name="recover_password"),
    path("security/login-password/", views.change_login_password, name="change_password"),
]
