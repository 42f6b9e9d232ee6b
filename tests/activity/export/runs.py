"""Large exports that wait for a worker, and what became of them."""

from datetime import timedelta
from typing import Any

import orjson
from django.core.files.storage import FileSystemStorage, storages
from django.utils import timezone

from activity.models import ActivityEvent, ActivityExport
from tests.activity.happenings import happen
from tests.builders import make_contact, make_user

PART = 500  # events, see the fixture `small_parts`
EVENTS = 1_200  # three parts


def asked(**fields: Any) -> ActivityExport:
    """Ask for all that is there to export, as Max does, and have it wait for a worker."""
    happen(make_contact(), times=EVENTS)
    return ActivityExport.objects.create(made_by=make_user(name="Max"), format="ndjson", **fields)


def written(export: ActivityExport) -> list[dict[str, Any]]:
    export.refresh_from_db()
    file = b"".join(export.parts.chunks())
    assert len(file) == export.size
    *events, last = map(orjson.loads, file.splitlines())
    assert last["events"] == len(events) == export.done
    return events


def is_complete(export: ActivityExport) -> bool:
    """Tell whether it is finished with each event once, in order."""
    numbers = [event["number"] for event in written(export)]
    visible = ActivityEvent.objects.exclude(verb__startswith="user.").order_by("id")
    wanted = visible.filter(id__lte=export.ceiling).values_list("id", flat=True)
    events = ActivityEvent.objects.filter(verb="export.created", object_id=export.pk)
    return export.state == "finished" and numbers == list(wanted) and events.count() == 1


def abandon(export: ActivityExport) -> None:
    ActivityExport.objects.filter(pk=export.pk).update(
        touched_at=timezone.now() - timedelta(minutes=2)
    )


class Watched(FileSystemStorage):
    """A storage in which a test may do something just before a part is written."""

    def __init__(self, then: Any) -> None:
        super().__init__(storages["exports"].location)
        self.then, self.written = then, 0

    def save(self, name: str, content: Any, max_length: Any = None) -> str:
        """Do what the test wants, then write it."""
        self.written += 1
        self.then(self)
        return super().save(name, content, max_length)
