"""Addresses of timelines' fragments."""

from django.urls import path

from activity import views

urlpatterns = [
    path("contacts/<uuid:pk>/timeline", views.filtered, name="timeline"),
    path("contacts/<uuid:pk>/timeline/older", views.older, name="timeline_older"),
]
