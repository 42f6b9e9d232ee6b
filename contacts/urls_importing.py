"""Addresses of imports; contacts/urls.py includes them."""

from django.urls import path

from contacts.views import importing

urlpatterns = [
    path("imports/", importing.imports, name="imports"),
    path("imports/new", importing.import_new, name="import_new"),
    path("imports/<uuid:pk>/", importing.import_run, name="import_run"),
    path("imports/<uuid:pk>/columns", importing.import_mapping, name="import_mapping"),
    path("imports/<uuid:pk>/preview", importing.import_preview, name="import_preview"),
    path("imports/<uuid:pk>/progress", importing.import_progress, name="import_progress"),
    path("imports/<uuid:pk>/start", importing.import_start, name="import_start"),
    path("imports/<uuid:pk>/revert", importing.import_revert, name="import_revert"),
    path("imports/<uuid:pk>/stop", importing.import_stop, name="import_stop"),
    path("imports/<uuid:pk>/failures.csv", importing.import_failures, name="import_failures"),
]
