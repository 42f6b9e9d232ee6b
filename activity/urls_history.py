"""Addresses of a contact's complete record."""

from django.urls import path

from activity.views import handover, history, putting_back

urlpatterns = [
    path("contacts/<uuid:pk>/history", history.history, name="contact_history"),
    path(
        "contacts/<uuid:pk>/history/<int:version>/put-back",
        putting_back.put_back,
        name="contact_put_back",
    ),
    path("contacts/<uuid:pk>/history/handover", handover.make, name="contact_handover"),
    path(
        "contacts/<uuid:pk>/history/handover/<uuid:uid>",
        handover.sheet,
        name="contact_handover_sheet",
    ),
    path(
        "contacts/<uuid:pk>/history/handover/<uuid:uid>.csv",
        handover.csv,
        name="contact_handover_csv",
    ),
]
