"""The addresses of the forms; before the admin's own, which they stand among."""

from django.urls import path

from payments.granting import views

app_name = "granting"
urlpatterns = [
    path("staff/limits/new/", views.limits, name="limits"),
    path("staff/class-one/new/", views.class_one, name="class_one"),
]
