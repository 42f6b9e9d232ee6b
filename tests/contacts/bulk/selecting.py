"""Selecting contacts as the list does, and reading the answers."""

import html
import re
from typing import Any

from django.test import Client

from contacts.models import BulkRun, Contact

HTMX = {"HX-Request": "true"}


def people(count: int, **fields: Any) -> list[Contact]:
    return Contact.objects.bulk_create(
        Contact(given_name=f"P{n}", family_name="Person", emails=[f"p{n}@b.example"], **fields)
        for n in range(count)
    )


def select(client: Client, action: str, *contacts: Contact, **more: Any) -> Any:
    data = {"action": action, "contact": [contact.pk for contact in contacts], **more}
    return client.post("/contacts/bulk/", data)


def drafted(client: Client, action: str, *contacts: Contact, **more: Any) -> BulkRun:
    response = select(client, action, *contacts, **more)
    assert response.status_code == 303
    return BulkRun.objects.get(pk=response.url.split("/")[2])


def text(response: Any) -> str:
    """Return what somebody reads on a page."""
    main = response.content.decode().partition("<main")[2] or response.content.decode()
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))
