"""The desk, below the admin site."""

from django.urls import include, path

from accounts.support import guided_views, views

app_name = "desk"
urlpatterns = [
    path("", views.find, name="find"),
    path("cases/", include("accounts.cases.desk_urls")),
    path("<uuid:public_id>/", views.customer, name="customer"),
    path("<uuid:public_id>/digits/", views.digits, name="digits"),
    path("<uuid:public_id>/code/send/", views.send_code, name="send_code"),
    path("<uuid:public_id>/code/", views.code, name="code"),
    path("<uuid:public_id>/shown/", views.shown, name="shown"),
    path("<uuid:public_id>/guided/begin/", guided_views.begin, name="guided_begin"),
    path("guided/<uuid:public_id>/", guided_views.overview, name="guided"),
    path("guided/<uuid:public_id>/security/", guided_views.security, name="guided_security"),
    path("guided/<uuid:public_id>/activity/", guided_views.activity, name="guided_activity"),
    path("guided/<uuid:public_id>/end/", guided_views.end, name="guided_end"),
    path("<uuid:public_id>/question/", views.question, name="question"),
    path("<uuid:public_id>/answer/", views.answer, name="answer"),
    path("<uuid:public_id>/document/", views.document, name="document"),
    path("<uuid:public_id>/hand-over/", views.hand_over, name="hand_over"),
    path("<uuid:public_id>/reveal/", views.reveal, name="reveal"),
    path("<uuid:public_id>/end-lock/<slug:which>/", views.end_lock, name="end_lock"),
]
