"""The address of the form; before the admin's own, which it stands among."""

from django.urls import path

from payments.adjustments import views

app_name = "adjustments"
urlpatterns = [path("staff/adjustments/new/", views.new, name="new")]
