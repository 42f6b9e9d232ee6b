"""The address of exports; contacts/urls.py includes it."""

from django.urls import path

from contacts.views.exporting import export

urlpatterns = [path("contacts/export", export, name="contacts_export")]
