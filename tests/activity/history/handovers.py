"""Handing a history over, as its reader does it."""

import csv
import io
import re
from html import unescape

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from activity.context import acting
from activity.models import ActivityEvent
from contacts.models import Contact
from tests.builders import make_contact, make_user


def changed_contact() -> Contact:
    """Return a contact that Mia has changed and archived."""
    contact = make_contact(given_name="Amara", job_title="Director", emails=["a@calder.example"])
    with acting(actor=make_user(name="Mia"), channel="web"):
        contact.job_title, contact.city = "Chair", "Lagos"
        contact.save()
        contact.archive("Paused until the Q4 budget round.")
    return contact


def make(client: Client, contact: Contact, query: str = "", pk: object = "") -> str:
    """Press the button; return the address of the sheet."""
    address = reverse("contact_handover", args=[contact.pk])
    answer = client.post(f"{address}?{query}", {"id": pk or uuid7()})
    assert answer.status_code == 303
    return answer.headers["Location"]


def sheet(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def download(client: Client, page: str) -> HttpResponse:
    link = re.search(r'href="([^"]+\.csv)"', page)
    assert link
    return client.get(link[1])


def content(client: Client, page: str) -> bytes:
    return b"".join(download(client, page).streaming_content)


def rows(client: Client, page: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(client, page).decode("utf-8-sig"))))


def exports(contact: Contact) -> list[ActivityEvent]:
    return list(ActivityEvent.objects.of(contact.pk).filter(verb="export.created"))


def page_address(page: str) -> str:
    """Return the address of the sheet whose page this is."""
    link = re.search(r'href="([^"]+)\.csv"', page)
    assert link
    return link[1]
