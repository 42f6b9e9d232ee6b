"""Addresses of the inbox."""

from django.urls import path

from activity.views import inbox

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/count", inbox.count, name="inbox_count"),
    path("inbox/read", inbox.mark_all, name="inbox_read_all"),
    path("inbox/<int:pk>/read", inbox.mark, {"read": True}, name="inbox_read"),
    path("inbox/<int:pk>/unread", inbox.mark, {"read": False}, name="inbox_unread"),
]
