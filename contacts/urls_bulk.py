"""Addresses of bulk actions; contacts/urls.py includes them."""

from django.urls import path

from contacts.views import bulk

urlpatterns = [
    path("contacts/bulk/", bulk.select, name="bulk_select"),
    path("bulk/", bulk.runs, name="bulk_runs"),
    path("bulk/<uuid:pk>/", bulk.run, name="bulk_run"),
    path("bulk/<uuid:pk>/review", bulk.review, name="bulk_review"),
    path("bulk/<uuid:pk>/progress", bulk.progress, name="bulk_progress"),
    path("bulk/<uuid:pk>/stop", bulk.stop, name="bulk_stop"),
    path("bulk/<uuid:pk>/undo", bulk.undo, name="bulk_undo"),
]
