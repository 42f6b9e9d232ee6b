"""A task acts in the name of who caused it, and says what it follows from."""

from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest
from celery import shared_task
from celery.contrib.testing.worker import start_worker
from celery.result import AsyncResult
from celery.signals import task_postrun
from django.core.files.base import ContentFile
from django.db import transaction

from activity.context import acting, current
from activity.models import ActivityEvent, ActivityOrigin
from config.celery import app
from contacts.models import Contact, ImportRun
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 20
Wait = Callable[[AsyncResult], None]


@shared_task
def archive(pk: str) -> None:
    """Archive a contact, as a task of ours would."""
    with transaction.atomic():
        Contact.objects.locked(pk).archive()


@shared_task
def fail() -> None:
    """Break down."""
    raise ZeroDivisionError


@pytest.fixture(scope="module")
def worker() -> Iterator[Wait]:
    """Run a real worker in a thread; return a function that waits until it has done a task."""
    done: Queue[str] = Queue()

    def note(task_id: str, **kwargs: Any) -> None:
        done.put(task_id)

    def wait_for(task: AsyncResult) -> None:
        while done.get(timeout=SECONDS) != task.id:
            pass

    task_postrun.connect(note)
    with start_worker(app, perform_ping_check=False, shutdown_timeout=SECONDS):
        yield wait_for
    task_postrun.disconnect(note)


def origin_of(verb: str) -> ActivityOrigin:
    return ActivityOrigin.objects.get(pk=ActivityEvent.objects.get(verb=verb).origin_id)


def test_a_worker_acts_in_the_name_of_who_caused_the_task(worker: Wait) -> None:
    mia, amara = make_user(name="Mia"), make_contact()
    with acting(actor=mia, channel="web", route="somewhere") as cause:
        task = archive.delay(str(amara.pk))
    worker(task)
    event, origin = (
        ActivityEvent.objects.get(verb="contact.archived"),
        origin_of("contact.archived"),
    )
    assert (event.actor_id, event.actor_name) == (mia.pk, "Mia")
    assert (origin.channel, origin.route) == ("task", "tests.activity.test_propagation.archive")
    assert (origin.parent, origin.actor_id) == (cause.id, mia.pk)
    assert origin.pk != cause.id


def test_what_nobody_caused_is_done_by_the_system(worker: Wait) -> None:
    amara = make_contact()
    worker(archive.delay(str(amara.pk)))
    origin = origin_of("contact.archived")
    assert (origin.channel, origin.actor_type, origin.parent) == ("task", "system", None)


def test_one_task_knows_nothing_of_the_one_before(worker: Wait) -> None:
    amara, ben = make_contact(), make_contact(given_name="Ben")
    with acting(actor=make_user(name="Mia"), channel="web"):
        worker(fail.delay())
        worker(archive.delay(str(amara.pk)))
    worker(archive.delay(str(ben.pk)))
    by = {e.contact_id: e.who for e in ActivityEvent.objects.filter(verb="contact.archived")}
    assert by == {amara.pk: "Mia", ben.pk: "Annals"}


def test_an_import_is_its_starters_whoever_runs_it(worker: Wait) -> None:
    mia = make_user(name="Mia")
    file = ContentFile(b"Given name,Family name\nAmara,Okonkwo\n", name="people.csv")
    run = ImportRun.receive(file, by=mia)
    with acting(actor=mia, channel="web", route="import_mapping") as cause, transaction.atomic():
        run.start(run.targets)
    worker(archive.delay(str(make_contact().pk)))  # queued after it, so done after it
    run.refresh_from_db()
    assert run.state == ImportRun.State.FINISHED
    event, origin = (
        ActivityEvent.objects.get(verb="contact.imported"),
        origin_of("contact.imported"),
    )
    assert event.actor_name == "Mia"
    assert (origin.channel, origin.route) == ("import", "contacts.tasks.run_import")
    assert origin.parent == cause.id
    assert origin_of("import.finished") == origin


def test_a_task_run_on_the_spot_knows_its_cause_as_well() -> None:
    mia, amara = make_user(name="Mia"), make_contact()
    with acting(actor=mia, channel="web") as cause:
        archive.apply([str(amara.pk)], throw=True)
        assert current() is cause
    origin = origin_of("contact.archived")
    assert (origin.channel, origin.actor_id, origin.parent) == ("task", mia.pk, cause.id)
