"""Addresses of exports of the log."""

from django.urls import path

from activity.views import exporting

urlpatterns = [
    path("activity/export", exporting.export, name="activity_export"),
    path("activity/exports/", exporting.exports, name="activity_exports"),
    path("activity/exports/<uuid:pk>/", exporting.run, name="activity_export_run"),
    path(
        "activity/exports/<uuid:pk>/progress",
        exporting.progress,
        name="activity_export_progress",
    ),
    path("activity/exports/<uuid:pk>/cancel", exporting.cancel, name="activity_export_cancel"),
    path(
        "activity/exports/<uuid:pk>/download",
        exporting.download,
        name="activity_export_download",
    ),
]
