"""Addresses: two pages that show what a page costs at least, Django's admin, a library's own."""

from django.contrib import admin
from django.urls import include, path

from bench.peers import views
from bench.peers.models import LIBRARY

urlpatterns = [
    path("bare/", views.bare),
    path("bare/save/<uuid:pk>", views.save),
    path("contacts/<uuid:pk>/", views.record),
    path("admin/", admin.site.urls),
    *(path(address, include(module)) for address, module in getattr(LIBRARY, "URLS", ())),
]
