"""Addresses of the banking room."""

from django.urls import path

from payments.banking import views

app_name = "banking"

urlpatterns = [
    path("cards/", views.cards, name="cards"),
    path("cards/add/", views.add_card, name="add_card"),
    path("cards/add/<uuid:public_id>/", views.confirm_card, name="confirm_card"),
    path("cards/<uuid:public_id>/remove/", views.remove, name="remove_card"),
    path("top-up/", views.top_up, name="top_up"),
    path("withdraw/", views.withdraw, name="withdraw"),
]
