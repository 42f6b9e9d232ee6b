"""Asking for an export on the log's page."""

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from activity.models import ActivityExport
from contacts.models import Contact
from tests.activity.happenings import happen

MANY = 5_001  # more than are written while somebody waits


def ask(client: Client, pk: UUID | None = None, **asked: Any) -> HttpResponse:
    fields = {"id": pk or uuid7(), "format": "ndjson", **asked}
    return client.post(reverse("activity_export"), fields)


def content(answer: HttpResponse) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def exported(client: Client, **asked: Any) -> bytes:
    """Ask for a small export as a browser does, and follow it to its file."""
    answer = ask(client, **asked)
    assert answer.status_code == 303
    return content(client.get(answer.url))


def events_in(file: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in file.splitlines()][:-1]


def verbs(file: bytes) -> set[str]:
    return {event["verb"] for event in events_in(file)}


def large(client: Client, amara: Contact, **asked: Any) -> ActivityExport:
    happen(amara, times=MANY)
    answer = ask(client, **asked)
    export = ActivityExport.objects.get()
    assert answer.url == export.get_absolute_url()
    return export
