"""Addresses of support for customers."""

from django.urls import path

from accounts.cases import contact_views, views

app_name = "cases"

urlpatterns = [
    path("support/", views.index, name="index"),
    path("support/new/", views.new, name="new"),
    path("support/<uuid:public_id>/", views.thread, name="thread"),
    path("support/<uuid:public_id>/reply/", views.reply, name="reply"),
    path("support/<uuid:public_id>/read/", views.mark_read, name="mark_read"),
    path("support/<uuid:public_id>/close/", views.close, name="close"),
    path("support/<uuid:public_id>/reopen/", views.reopen, name="reopen"),
    path("support/contact/", contact_views.contact, name="contact"),
    path("support/contact/sent/", contact_views.sent, name="contact_sent"),
    path("support/contact/read/", contact_views.read, name="contact_read"),
    path("support/contact/code/", contact_views.code, name="contact_code"),
    path("support/contact/open/", contact_views.open_with_code, name="contact_open"),
    path("support/contact/case/leave/", contact_views.leave, name="contact_leave"),
    path("support/contact/case/", contact_views.thread, name="contact_thread"),
    path("support/contact/case/reply/", contact_views.reply, name="contact_reply"),
    path("support/contact/case/read/", contact_views.mark_read, name="contact_mark_read"),
    path("support/contact/case/close/", contact_views.close, name="contact_close"),
    path("support/contact/case/reopen/", contact_views.reopen, name="contact_reopen"),
]
