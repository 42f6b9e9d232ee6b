"""The next file of a source opens with the choices of the last one."""

from typing import Any

import pytest
from django.core.files.base import ContentFile

from contacts.models import ImportRun
from tests.builders import make_user
from tests.contacts.import_runs.known import imported

pytestmark = pytest.mark.django_db


def test_the_next_file_opens_with_the_choices_of_the_last_one() -> None:
    text = "Name,Room,Key\nAmara,5,1\n"
    imported(text, "fill", "CRM", Room="notes", Key="external_ids")
    again = ImportRun.receive(ContentFile(text.encode() + b"Ben,6,2\n", name="b.csv"), None)
    assert again.targets == ["full_name", "notes", "external_ids"]
    assert (again.source, again.existing) == ("CRM", "fill")
    # Other columns of the same source: those of the same name go where they went.
    other = ImportRun.receive(
        ContentFile(b"Room,Email\n5,a@b.example\n", name="c.csv"), None, source="crm"
    )
    assert (other.targets, other.existing) == (["notes", "emails"], "fill")
    fresh = ImportRun.receive(ContentFile(b"Room,Email\n5,a@b.example\n", name="d.csv"), None)
    assert (fresh.targets, fresh.existing, fresh.source) == (["", "emails"], "skip", "")
    assert ImportRun.sources() == ["CRM"]


def test_a_dry_run_is_no_memory() -> None:
    run = ImportRun.receive(ContentFile(b"Name,Room\nAmara,5\n", name="a.csv"), None)
    run.start(["organisation", "notes"], dry_run=True, by_worker=False)
    run.run()
    again = ImportRun.receive(ContentFile(b"Name,Room\nAmara,5\n", name="b.csv"), None)
    assert again.targets == ["full_name", ""]


def test_the_page_asks_and_shows_what_is_remembered(client: Any) -> None:
    client.force_login(make_user(name="Max"))
    first = ImportRun.receive(ContentFile(b"Name,Key\nAmara,1\n", name="a.csv"), None)
    chosen = {"column_0": "full_name", "column_1": "external_ids", "existing": "fill"}
    refused = client.post(f"/imports/{first.pk}/columns", chosen)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Name the source" in page
    assert 'value="fill" checked' in page
    assert (
        client.post(f"/imports/{first.pk}/columns", chosen | {"source": "a:b"}).status_code == 422
    )
    started = client.post(f"/imports/{first.pk}/columns", chosen | {"source": "CRM"})
    assert started.status_code == 302
    second = ImportRun.receive(ContentFile(b"Name,Key\nBen,2\n", name="b.csv"), None)
    page = client.get(f"/imports/{second.pk}/columns").content.decode()
    assert "Everything is chosen as it was for a.csv" in page
    assert '<option value="CRM">' in page
    assert '<option value="external_ids" selected>' in page
    preview = client.get(f"/imports/{second.pk}/preview", {"source": "CRM"})
    assert preview.status_code == 200
