"""Taking in files of contacts and importing them."""

from typing import Any

from django.core.files.base import ContentFile

from activity.models import ActivityEvent
from contacts.models import ImportRun


def receive(text: str | bytes, name: str = "fair.csv", **fields: Any) -> ImportRun:
    content = text if isinstance(text, bytes) else text.encode()
    return ImportRun.receive(ContentFile(content, name=name), fields.pop("by", None), **fields)


def people(count: int) -> str:
    return "Name,Email\n" + "".join(f"Person {n},p{n}@b.example\n" for n in range(count))


def started(text: str | bytes, **fields: Any) -> ImportRun:
    run = receive(text, **fields)
    assert run.start(run.targets, by_worker=False)
    return run


def imported_events() -> int:
    return ActivityEvent.objects.filter(verb="contact.imported").count()
