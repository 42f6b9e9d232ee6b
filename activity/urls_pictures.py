"""Addresses of pictures of what happened."""

from django.urls import path

from activity.views import pictures

urlpatterns = [
    path("activity/mail/", pictures.mail_health, name="mail_health"),
    path("contacts/<uuid:pk>/strip", pictures.contact_strip, name="contact_strip"),
]
