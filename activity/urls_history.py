"""Addresses of a contact's complete record."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
