"""Addresses of transfers from a file."""

from __future__ import annotations

from django.urls import path

from payments.transfers.batch import views

app_name = "batch"

urlpatterns = [
    path("transfer/batch/", views.upload, name="upload"),
    path("transfer/batch/template.csv", views.template, name="template"),
    path("transfer/batch/<uuid:public_id>/", views.show, name="show"),
    path("transfer/batch/<uuid:public_id>/choose/", views.choose, name="choose"),
    path("transfer/batch/<uuid:public_id>/authorise/", views.authorise, name="authorise"),
    path("transfer/batch/<uuid:public_id>/prove/", views.prove, name="prove"),
    path("transfer/batch/<uuid:public_id>/discard/", views.discard, name="discard"),
    path("transfer/batch/<uuid:public_id>/stop/", views.stop, name="stop"),
    path("transfer/batch/<uuid:public_id>/result.csv", views.result, name="result"),
]
