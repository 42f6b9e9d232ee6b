"""Addresses of the activity log."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
