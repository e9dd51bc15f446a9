"""Cases below the support desk; the desk's own addresses include these under its name."""

from django.urls import path

from accounts.cases import desk_views

urlpatterns = [
    path("", desk_views.queue, name="cases"),
    path("<uuid:public_id>/", desk_views.case, name="case"),
    path("<uuid:public_id>/step/", desk_views.step, name="case_step"),
]
