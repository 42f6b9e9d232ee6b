"""A dry run: what an import would do, told beforehand, with nothing written."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from activity.models import ActivityEvent
from contacts.models import Contact, ImportedContact, ImportRun
from contacts.tasks import run_import, sweep_imports
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

TEXT = (
    "Name,Email,City\nAmara Okonkwo,amara@c.example,York\nBen Mwangi,ben@c.example,Leeds\n"
    "Cy,cy@,\nDee,ben@c.example,\n"
)


@pytest.fixture
def max_(client: Client) -> Any:
    user = make_user(name="Max")
    client.force_login(user)
    return user


def draft(text: str = TEXT) -> ImportRun:
    return ImportRun.receive(ContentFile(text.encode(), name="fair.csv"), None)


def tried(client: Client, existing: str = "overwrite") -> ImportRun:
    run = draft()
    chosen = {f"column_{n}": target for n, target in enumerate(run.targets)}
    response = client.post(
        f"/imports/{run.pk}/columns", chosen | {"existing": existing, "check": "1"}
    )
    assert response.status_code == 302
    run_import(str(run.pk))
    run.refresh_from_db()
    return run


def test_it_tells_all_and_changes_nothing(client: Client, max_: Any) -> None:
    amara = make_contact(given_name="Amara", family_name="Okonkwo", emails=["amara@c.example"])
    before = ActivityEvent.objects.count()
    run = tried(client)
    assert (run.created, run.updated, run.skipped, run.failed) == (1, 1, 1, 1)
    assert Contact.objects.get() == amara
    assert ActivityEvent.objects.count() == before
    assert not ImportedContact.objects.exists()
    page = client.get(f"/imports/{run.pk}/").content.decode()
    for words in (
        "Tried fair.csv, nothing was changed", "Would be added", "Ben Mwangi", "York",
        "The email has no domain.", "About the same as line 3", "Import 4 rows",
    ):  # fmt: skip
        assert words in page
    assert "Only tried" in client.get("/imports/").content.decode()


def test_what_was_tried_is_imported_with_the_same_choices(client: Client, max_: Any) -> None:
    make_contact(given_name="Amara", family_name="Okonkwo", emails=["amara@c.example"])
    run = tried(client)
    told = (run.created, run.updated, run.skipped, run.failed)
    assert client.get(f"/imports/{run.pk}/start").status_code == 405
    client.post(f"/imports/{run.pk}/start")
    run_import(str(run.pk))
    run.refresh_from_db()
    assert (run.created, run.updated, run.skipped, run.failed) == told
    assert (run.dry_run, run.samples, run.failures.count()) == (False, [], 2)
    assert Contact.objects.get(family_name="Okonkwo").city == "York"
    # Once it is imported, neither trying nor importing it again does anything.
    client.post(f"/imports/{run.pk}/start")
    client.post(f"/imports/{run.pk}/columns", {"check": "1"})
    run.refresh_from_db()
    assert run.state == "finished"
    assert not run.dry_run


def test_the_choices_can_be_changed_and_tried_again(client: Client, max_: Any) -> None:
    run = tried(client)
    page = client.get(f"/imports/{run.pk}/columns").content.decode()
    assert 'value="overwrite" checked' in page
    chosen = {"column_0": "organisation", "column_1": "emails", "column_2": "", "check": "1"}
    client.post(f"/imports/{run.pk}/columns", chosen | {"existing": "skip"})
    run_import(str(run.pk))
    run.refresh_from_db()
    assert (run.created, run.skipped, run.failed, run.dry_run) == (2, 1, 1, True)


def test_one_that_was_stopped_can_still_be_imported(client: Client, max_: Any) -> None:
    run = draft()
    run.start(run.targets, dry_run=True, by_worker=False)
    client.post(f"/imports/{run.pk}/stop")
    assert "only tried in part" in client.get(f"/imports/{run.pk}/").content.decode()
    client.post(f"/imports/{run.pk}/start")
    run_import(str(run.pk))
    assert Contact.objects.count() == 2


def test_the_deletion_of_a_contact_takes_the_examples_away(client: Client, max_: Any) -> None:
    amara = make_contact(given_name="Amara", family_name="Okonkwo", emails=["amara@c.example"])
    run = tried(client)
    assert run.samples
    amara.delete()
    run.refresh_from_db()
    assert run.samples == []


def test_it_is_forgotten_with_its_file_after_a_day(
    client: Client, max_: Any, django_capture_on_commit_callbacks: Any
) -> None:
    run = tried(client)
    sweep_imports()
    assert ImportRun.objects.filter(pk=run.pk).exists()
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(days=2))
    name = run.file.name
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_imports()
    assert not ImportRun.objects.filter(pk=run.pk).exists()
    assert not default_storage.exists(name)


@pytest.mark.parametrize("name", ["Mia", "Vic"])
def test_only_who_may_import_may_try(client: Client, max_: Any, name: str) -> None:
    run = tried(client)
    client.force_login(make_user(name=name))
    for path in ("columns", "start", "stop"):
        assert client.post(f"/imports/{run.pk}/{path}", {"check": "1"}).status_code == 403
    run.refresh_from_db()
    assert (run.state, run.dry_run, Contact.objects.count()) == ("finished", True, 0)
