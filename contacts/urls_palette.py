"""Addresses by which people get about: the palette, keys, saved views, neighbours."""

from django.urls import path

from contacts.views import palette, saved_views
from contacts.views.switching import neighbours

urlpatterns = [
    path("palette/", palette.find, name="palette"),
    path("keys/", palette.keys, name="keys"),
    path("contacts/<uuid:pk>/neighbours", neighbours, name="contact_neighbours"),
    path("contacts/views/", saved_views.index, name="views"),
    path("contacts/views/new", saved_views.new, name="view_new"),
    path("contacts/views/<uuid:pk>/change", saved_views.change, name="view_change"),
    path("contacts/views/<uuid:pk>/delete", saved_views.delete, name="view_delete"),
]
