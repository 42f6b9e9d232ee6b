"""Addresses of what proves the log."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
