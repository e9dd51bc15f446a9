"""Addresses of planned transfers."""

from __future__ import annotations

from django.urls import path

from payments.transfers.standing_orders import proving, views

app_name = "standing_orders"

urlpatterns = [
    path("transfer/later/", views.later, name="later"),
    path("transfer/later/seen/", views.seen, name="seen"),
    path("transfer/later/new/", views.compose, name="compose"),
    path("transfer/later/<uuid:public_id>/", views.show, name="order"),
    path("transfer/later/<uuid:public_id>/check/", views.check, name="check"),
    path("transfer/later/<uuid:public_id>/authorise/", views.authorise, name="authorise"),
    path("transfer/later/<uuid:public_id>/prove/", proving.prove, name="prove"),
    path("transfer/later/<uuid:public_id>/amount/", views.amount, name="amount"),
    path(
        "transfer/later/<uuid:public_id>/amount/<int:amount_minor>/prove/",
        proving.prove_amount,
        name="prove_amount",
    ),
    path("transfer/later/<uuid:public_id>/pause/", views.pause, name="pause"),
    path("transfer/later/<uuid:public_id>/resume/", views.resume, name="resume"),
    path("transfer/later/<uuid:public_id>/skip/", views.skip, name="skip"),
    path("transfer/later/<uuid:public_id>/cancel/", views.cancel, name="cancel"),
]
