"""Addresses of merging: contacts that may be one person, two side by side, and the way back."""

from django.urls import path

from contacts.views import duplicates, merging

urlpatterns = [
    path("contacts/duplicates/", duplicates.pairs, name="contact_duplicates"),
    path("contacts/duplicates/<int:pk>/dismiss", duplicates.dismiss, name="duplicate_dismiss"),
    path("contacts/duplicates/<int:pk>/suggest", duplicates.suggest, name="duplicate_suggest"),
    path("contacts/<uuid:pk>/merge", merging.choose, name="contact_merge_with"),
    path("contacts/<uuid:pk>/merge/<uuid:other>", merging.merge, name="contact_merge"),
    path("contacts/<uuid:pk>/unmerge", merging.unmerge, name="contact_unmerge"),
]
