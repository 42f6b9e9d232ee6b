"""The page of a running import, and what it could not use."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ImportFailure, ImportRun
from contacts.tasks import run_import
from tests.contacts.import_pages.uploading import FAIR, choices, ended, upload, uploaded

pytestmark = pytest.mark.django_db


def test_the_page_polls_while_it_runs_and_no_longer(client: Client, max_: Any) -> None:
    run = uploaded(client)
    client.post(f"/imports/{run.pk}/columns", choices(run))
    for path in (f"/imports/{run.pk}/", f"/imports/{run.pk}/progress"):
        assert 'hx-trigger="every 1s"' in client.get(path).content.decode()
    assert 'http-equiv="refresh"' in client.get(f"/imports/{run.pk}/").content.decode()
    run_import(str(run.pk))
    for path in (f"/imports/{run.pk}/", f"/imports/{run.pk}/progress"):
        page = client.get(path).content.decode()
        assert 'hx-trigger="every' not in page
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
