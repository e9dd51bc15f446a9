"""Addresses of the customer's side."""

from django.urls import path

from accounts.guiding import views

app_name = "guiding"
urlpatterns = [
    path("security/helper/", views.page, name="page"),
    path("security/helper/code/", views.code, name="code"),
    path("security/helper/look/", views.look, name="look"),
    path("security/helper/end/", views.end, name="end"),
]
