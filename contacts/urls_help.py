"""Addresses of the help, and of what a browser reads to install Annals as an app."""

from django.urls import path

from contacts.views import help

urlpatterns = [
    path("help/", help.index, name="help"),
    path("help/<slug:slug>/", help.guide, name="help_guide"),
    path("portal/help/", help.portal, name="portal_help"),
]
