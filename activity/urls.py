"""Addresses of timelines, of the log, and of what proves it, by subject."""

from django.urls import include, path

from activity.views import live, timeline
from activity.views.seen import seen

urlpatterns = [
    path("", include("activity.urls_log")),
    path("", include("activity.urls_exporting")),
    path("", include("activity.urls_history")),
    path("", include("activity.urls_inbox")),
    path("", include("activity.urls_proofs")),
    path("", include("activity.urls_pictures")),
    path("live/", live.stream, name="stream"),
    path("contacts/<uuid:pk>/newer", live.newer, name="timeline_newer"),
    path("contacts/<uuid:pk>/timeline", timeline.filtered, name="timeline"),
    path("contacts/<uuid:pk>/timeline/older", timeline.older, name="timeline_older"),
    path("contacts/<uuid:pk>/seen", seen, name="contact_seen"),
]
