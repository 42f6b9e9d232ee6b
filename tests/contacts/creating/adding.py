"""Adding a contact with the form."""

from typing import Any

from django.test import Client

from contacts.models import Contact


def create(client: Client, **sent: Any) -> Any:
    return client.post("/contacts/new", sent)


def the_contact() -> Contact:
    return Contact.objects.get()
