"""Addresses of what people of the team are told about each other's work with contacts."""

from django.urls import path

from contacts.views import following, mentioning

urlpatterns = [
    path("people/", mentioning.mentionable, name="people"),
    path("contacts/<uuid:pk>/follow", following.follow, name="contact_follow"),
    path("contacts/<uuid:pk>/unfollow", following.unfollow, name="contact_unfollow"),
]
