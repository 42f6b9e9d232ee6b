"""Addresses of the activity log."""

from django.urls import path, re_path

from activity.views import entries, log

urlpatterns = [
    path("activity/", log.log, name="activity_log"),
    re_path(r"^activity/menu/(?P<name>who|whom)$", log.menu, name="activity_log_menu"),
    path("activity/verified/", entries.verified, name="ledger_status"),
    path("activity/<uuid:uid>", entries.entry, name="activity_event"),
]
