"""Addresses of a payment: check it, authorise it, and for ever what became of it."""

from __future__ import annotations

from django.urls import path

from payments.processing import views

app_name = "processing"

urlpatterns = [
    path("pay/resume/", views.resume, name="resume"),
    path("pay/<uuid:public_id>/check/", views.check, name="check"),
    path("pay/<uuid:public_id>/authorise/", views.authorise, name="authorise"),
    path("pay/<uuid:public_id>/prove/", views.prove, name="prove"),
    path("pay/<uuid:public_id>/", views.result, name="result"),
    path("pay/<uuid:public_id>/cancel/", views.cancel, name="cancel"),
    path("pay/<uuid:public_id>/ask/", views.ask, name="ask"),
    path("pay/<uuid:public_id>/stop/", views.stop, name="stop"),
    path("locked/payment/", views.locked, name="locked"),
]
