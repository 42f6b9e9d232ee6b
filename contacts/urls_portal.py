"""Addresses of portal."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
