"""The pages of an import: from the file to its columns."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from contacts.models import Contact, ImportRun
from contacts.tasks import run_import
from tests.contacts.import_pages.uploading import FAIR, choices, ended, upload, uploaded

pytestmark = pytest.mark.django_db


def test_from_file_to_result(client: Client, max_: Any) -> None:
    response = upload(client)
    run = ImportRun.objects.get()
    assert response.headers["Location"] == f"/imports/{run.pk}/columns"
    page = client.get(response.headers["Location"]).content.decode()
    assert "Ann Lee" in page
    assert "The email has no domain." in page
    assert Contact.objects.count() == 0

    response = client.post(f"/imports/{run.pk}/columns", choices(run, column_2="notes"))
    assert response.headers["Location"] == f"/imports/{run.pk}/"
    assert "Waiting to start" in client.get(f"/imports/{run.pk}/").content.decode()
    run_import(str(run.pk))
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "Imported fair.csv" in page
    assert "About the same as line 2" in page
    assert Contact.objects.get().notes == "Room: =1+1"
    listed = client.get("/imports/").content.decode()
    assert "fair.csv" in listed
    assert "Finished" in listed


def test_a_file_that_is_no_longer_there_is_to_be_uploaded_again(client: Client, max_: Any) -> None:
    run = uploaded(client)
    run.file.storage.delete(run.file.name)
    for ask in (client.get, client.post):
        page = ask(f"/imports/{run.pk}/columns", follow=True)
        assert page.redirect_chain == [("/imports/new", 302)]
        assert "The file is no longer there. Upload it again." in page.content.decode()
    assert client.get(f"/imports/{run.pk}/preview").status_code == 404


def test_a_vcard_has_no_columns_to_choose(client: Client, max_: Any) -> None:
    run = uploaded(client, "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Lee\nEND:VCARD\n", "ann.vcf")
    assert "There is nothing to choose" in client.get(f"/imports/{run.pk}/columns").content.decode()
    client.post(f"/imports/{run.pk}/columns")
    run_import(str(run.pk))
    assert Contact.objects.get().name == "Ann Lee"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "This file is empty"),
        (b"PK\x03\x04", "ZIP archive"),
        (b"a@b.example,x\n", "has to name the columns"),
        (b"Name,Email\nAnn\0,\n", "not a text file"),
    ],
)
def test_a_file_that_cannot_be_used_is_answered_with_422(
    client: Client, max_: Any, content: bytes, reason: str
) -> None:
    response = upload(client, content)
    assert response.status_code == 422
    assert reason in response.content.decode()
    assert not ImportRun.objects.exists()


def test_no_file_and_a_file_too_big_are_answered_with_422(
    client: Client, max_: Any, settings: Any
) -> None:
    assert "Choose a file first" in client.post("/imports/new", {"id": uuid4()}).content.decode()
    settings.IMPORT_MAX_BYTES = 20
    response = upload(client)
    assert response.status_code == 422
    assert "can be imported at once" in response.content.decode()


def test_sending_the_upload_twice_makes_one_import(client: Client, max_: Any) -> None:
    key = uuid4()
    first, second = upload(client, id=key), upload(client, id=key)
    assert first.headers["Location"] == second.headers["Location"]
    assert ImportRun.objects.count() == 1


def test_starting_twice_imports_once(client: Client, max_: Any) -> None:
    run = ended(client)
    response = client.post(f"/imports/{run.pk}/columns", choices(run))
    assert response.headers["Location"] == f"/imports/{run.pk}/"
    run_import(str(run.pk))
    assert Contact.objects.count() == 1


def test_columns_by_which_nobody_has_a_name_are_refused(client: Client, max_: Any) -> None:
    run = uploaded(client)
    response = client.post(
        f"/imports/{run.pk}/columns", choices(run, column_0="city", column_1="notes")
    )
    assert response.status_code == 422
    assert "Choose a column for a name" in response.content.decode()
    assert '<option value="city" selected>' in response.content.decode()
    response = client.post(f"/imports/{run.pk}/columns", choices(run, column_0="password"))
    assert response.status_code == 422
    run.refresh_from_db()
    assert run.state == "draft"


def test_the_preview_follows_the_choices_and_changes_nothing(client: Client, max_: Any) -> None:
    run = uploaded(client)
    path = f"/imports/{run.pk}/preview"
    changed = choices(run, column_0="organisation")
    assert (
        '<td class="wide-only"><bdi>Ann Lee</bdi></td>'
        in client.get(path, changed).content.decode()
    )
    # Without JavaScript a button asks for the same on the whole page.
    page = client.post(f"/imports/{run.pk}/columns", changed | {"preview": "1"})
    assert page.status_code == 200
    assert '<td class="wide-only"><bdi>Ann Lee</bdi></td>' in page.content.decode()
    assert client.get(path, {"column_0": "nonsense"}).status_code == 200
    run.refresh_from_db()
    assert (run.state, run.targets[0]) == ("draft", "full_name")


def test_the_same_file_again_is_pointed_out(client: Client, max_: Any) -> None:
    ended(client)
    upload(client, FAIR, "copy.csv")
    run = ImportRun.objects.get(name="copy.csv")
    assert "was imported on" in client.get(f"/imports/{run.pk}/columns").content.decode()
