"""The pages of an import: file, columns, progress, result, and who may see them."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ImportFailure, ImportRun
from contacts.tasks import run_import
from tests.builders import make_user

pytestmark = pytest.mark.django_db

FAIR = "Name,E-mail,Room\nAnn Lee,a@b.example,=1+1\nBob,b@,=1+2\nCy,a@b.example,7\n"


@pytest.fixture
def max_(client: Client) -> Any:
    user = make_user(name="Max")
    client.force_login(user)
    return user


def upload(client: Client, content: str | bytes = FAIR, name: str = "fair.csv", **data: Any) -> Any:
    content = content.encode() if isinstance(content, str) else content
    data = {"id": uuid4(), "file": SimpleUploadedFile(name, content), **data}
    return client.post("/imports/new", data)


def uploaded(client: Client, content: str | bytes = FAIR, name: str = "fair.csv") -> ImportRun:
    assert upload(client, content, name).status_code == 302
    return ImportRun.objects.get(name=name)


def choices(run: ImportRun, **changed: str) -> dict[str, str]:
    return {f"column_{n}": target for n, target in enumerate(run.targets)} | changed


def ended(client: Client, content: str = FAIR) -> ImportRun:
    run = uploaded(client, content)
    client.post(f"/imports/{run.pk}/columns", choices(run))
    run_import(str(run.pk))
    run.refresh_from_db()
    return run


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


def test_the_page_polls_while_it_runs_and_no_longer(client: Client, max_: Any) -> None:
    run = uploaded(client)
    client.post(f"/imports/{run.pk}/columns", choices(run))
    for path in (f"/imports/{run.pk}/", f"/imports/{run.pk}/progress"):
        assert 'hx-trigger="every 1s"' in client.get(path).content.decode()
    assert 'http-equiv="refresh"' in client.get(f"/imports/{run.pk}/").content.decode()
    run_import(str(run.pk))
    for path in (f"/imports/{run.pk}/", f"/imports/{run.pk}/progress"):
        page = client.get(path).content.decode()
        assert "hx-trigger" not in page
        assert 'http-equiv="refresh"' not in page


def test_a_quarter_is_announced_and_the_time_left_is_told(client: Client, max_: Any) -> None:
    run = uploaded(client)
    client.post(f"/imports/{run.pk}/columns", choices(run))
    run.refresh_from_db()
    for done, seconds, words in [
        (50, 20, "about 20 seconds left"),
        (50, 100, "about 2 minutes left"),
        (25, 400 / 3 / 8, "25 percent imported"),
    ]:
        run.total, run.done, run.state = 100, done, ImportRun.State.RUNNING
        run.started_at = run.touched_at - timedelta(seconds=seconds)
        run.save()
        assert words in client.get(f"/imports/{run.pk}/progress").content.decode()


def test_stop_ends_the_import(client: Client, max_: Any) -> None:
    run = uploaded(client)
    client.post(f"/imports/{run.pk}/columns", choices(run))
    assert client.get(f"/imports/{run.pk}/stop").status_code == 405
    fragment = client.post(f"/imports/{run.pk}/stop", headers={"HX-Request": "true"})
    assert "What was added stays" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    assert client.post(f"/imports/{run.pk}/stop").status_code == 302
    run_import(str(run.pk))
    assert Contact.objects.count() == 0


def test_the_download_holds_all_bad_rows_and_no_formula(client: Client, max_: Any) -> None:
    run = ended(client)
    response = client.get(f"/imports/{run.pk}/failures.csv")
    disposition = response.headers["Content-Disposition"]
    assert disposition == 'attachment; filename="Not imported from fair.csv"'
    sent = response.getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sent)))
    assert rows == [
        ["Row", "Reason", "Name", "E-mail", "Room"],
        ["3", "The email has no domain.", "Bob", "b@", "'=1+2"],
        ["4", "About the same as line 2", "Cy", "a@b.example", "7"],
    ]
    corrected = upload(client, sent.replace("b@", "b@c.example"), "corrected.csv")
    again = ImportRun.objects.get(name="corrected.csv")
    assert corrected.status_code == 302
    assert again.targets == ["", "", "full_name", "emails", ""]


def test_a_long_list_of_bad_rows_is_cut_on_the_page(client: Client, max_: Any) -> None:
    run = ended(client)
    ImportFailure.objects.bulk_create(
        ImportFailure(run=run, line=n, reason="x", skipped=False) for n in range(10, 610)
    )
    ImportRun.objects.update(failed=601)
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "The first 500 are shown" in page
    assert page.count("<tr>") == 501


def test_the_list_costs_the_same_for_many_imports(client: Client, max_: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/imports/")
        return len(captured)

    assert "Nothing imported yet" in client.get("/imports/").content.decode()
    uploaded(client)
    few = queries()
    for n in range(5):
        uploaded(client, FAIR, f"{n}.csv")
    assert queries() == few


def test_a_draft_and_a_started_import_lead_to_their_own_step(client: Client, max_: Any) -> None:
    run = uploaded(client)
    assert client.get(f"/imports/{run.pk}/").headers["Location"] == f"/imports/{run.pk}/columns"
    client.post(f"/imports/{run.pk}/columns", choices(run))
    assert client.get(f"/imports/{run.pk}/columns").headers["Location"] == f"/imports/{run.pk}/"
    assert client.get(f"/imports/{run.pk}/preview").status_code == 404


@pytest.mark.parametrize("name", ["Vic", "Mia"])
def test_viewers_and_members_cannot_import(client: Client, name: str) -> None:
    client.force_login(make_user(name="Max"))
    run = uploaded(client)
    client.force_login(make_user(name=name))
    for path in (
        "",
        "new",
        *(f"{run.pk}/{p}" for p in ("", "columns", "preview", "progress", "failures.csv")),
    ):
        assert client.get(f"/imports/{path}").status_code == 403
    assert upload(client).status_code == 403
    assert client.post(f"/imports/{run.pk}/columns", choices(run)).status_code == 403
    assert client.post(f"/imports/{run.pk}/stop").status_code == 403
    run.refresh_from_db()
    assert (run.state, ImportRun.objects.count()) == ("draft", 1)


def test_an_administrator_can_import(client: Client) -> None:
    client.force_login(make_user(name="Ada"))
    assert client.get("/imports/new").status_code == 200


def test_an_unknown_import_is_not_found(client: Client, max_: Any) -> None:
    for path in ("", "columns", "preview", "progress", "failures.csv"):
        assert client.get(f"/imports/{uuid4()}/{path}").status_code == 404
