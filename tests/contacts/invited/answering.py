"""Answering an invitation on its page."""

from django.http import HttpResponse
from django.test import Client

from contacts.models import Invitation
from tests.contacts.invitations import PASSWORD

TOKEN = "a" * 43
NEUTRAL = "This link opens nothing now"


def accept(client: Client, path: str, **typed: str) -> HttpResponse:
    typed = {"answer": "accept", "name": "Amara O.", "password": PASSWORD, **typed}
    return client.post(path, typed)


def state(invitation: Invitation) -> str:
    return Invitation.objects.get(pk=invitation.pk).state
