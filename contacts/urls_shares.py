"""Addresses of shares."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
