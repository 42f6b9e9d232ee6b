"""What managers do with invitations."""

from django.test import Client
from django.urls import reverse

from contacts.models import Invitation


def act(client: Client, invitation: Invitation, action: str, **headers: str):
    path = reverse(f"invitation_{action}", args=[invitation.pk])
    return client.post(path, headers=headers or None)
