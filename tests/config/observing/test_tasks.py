"""A task's lines say which request caused it, so that both are found by one id."""

from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest
from celery import shared_task
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun

from activity.context import acting
from activity.models import ActivityEvent, ActivityOrigin
from config.celery import app
from contacts.models import Contact
from tests.builders import make_contact, make_user
from tests.config.observing.lines import written

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 20


@shared_task
def archive_or_fail(pk: str) -> None:
    """Archive a contact, as a task of ours would; without one, break down."""
    Contact.objects.get(pk=pk).archive()


@pytest.fixture
def done() -> Iterator[Queue]:
    """Run a real worker in a thread; what it has done comes through the queue."""
    done: Queue[str] = Queue()

    def note(task_id: str, **kwargs: Any) -> None:
        done.put(task_id)

    with start_worker(app, perform_ping_check=False, shutdown_timeout=SECONDS):
        task_postrun.connect(note)
        yield done
    task_postrun.disconnect(note)


def test_one_id_leads_from_a_request_over_its_task_to_the_event(done: Queue) -> None:
    mia, amara = make_user(name="Mia"), make_contact()
    with written() as lines, acting(actor=mia, channel="web", route="bulk") as request:
        tasks = [archive_or_fail.delay(str(amara.pk)), archive_or_fail.delay(str(mia.pk))]
        for task in tasks:
            assert done.get(timeout=SECONDS) == task.id
    told = lines.read_json("config.observing")
    assert [line["message"].rpartition("archive_or_fail ")[2] for line in told] == [
        "begins", "ends: SUCCESS", "begins", "ends: FAILURE",
    ]  # fmt: skip
    assert {line["caused_by"] for line in told} == {str(request.id)}
    assert {line["user"] for line in told} == {str(mia.pk)}
    assert [line["task_id"] for line in told] == [tasks[0].id] * 2 + [tasks[1].id] * 2
    assert told[0]["request_id"] == told[1]["request_id"] != told[2]["request_id"]
    origin = ActivityOrigin.objects.get(
        pk=ActivityEvent.objects.get(verb="contact.archived").origin_id
    )
    assert (str(origin.pk), origin.parent) == (told[0]["request_id"], request.id)
    [failed] = lines.read_json("celery")
    assert failed["level"] == "error"
    assert failed["errors"][0]["type"] == "contacts.models.contact.Contact.DoesNotExist"
    assert failed["request_id"] == told[2]["request_id"]
