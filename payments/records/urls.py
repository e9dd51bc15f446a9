"""Addresses of the records room."""

from django.urls import path

from payments.records import views

app_name = "records"

urlpatterns = [
    path("home/", views.home, name="home"),
    path("activity/", views.activity, name="activity"),
    path("activity/export.csv", views.export, name="export"),
    path("activity/<uuid:public_id>/", views.entry, name="entry"),
    path("activity/<uuid:public_id>/receipt/", views.receipt, name="receipt"),
    path("verify/", views.verify, name="verify"),
]
