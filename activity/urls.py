"""Addresses of timelines, of the log, and of what proves it, by subject."""

from django.urls import include, path

from activity.views import live, pinning, timeline
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
    path("contacts/<uuid:pk>/timeline/group", timeline.grouped, name="timeline_group"),
    path("contacts/<uuid:pk>/seen", seen, name="contact_seen"),
    path("contacts/<uuid:pk>/pins/<int:event>", pinning.pin, name="entry_pin"),
    path("contacts/<uuid:pk>/pins/<int:event>/remove", pinning.unpin, name="entry_unpin"),
]
