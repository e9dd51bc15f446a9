"""Addresses of the phone room."""

from django.urls import path

from accounts.phone import views

app_name = "phone"

urlpatterns = [
    path("codes/<uuid:public_id>/resend/", views.resend, name="resend"),
    path("codes/continue/", views.continue_with_code, name="continue"),
    path("sms/receipts/<slug:provider>/", views.receipts, name="receipts"),
    path("demo/inbox/", views.demo_inbox, name="demo_inbox"),
]
