"""Exporting the log in a browser: with and without JavaScript, for everybody's eyes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from playwright.sync_api import Page, expect

from activity.ledger.sealing import seal_pending
from activity.models import ActivityExport
from activity.tasks import run_export
from tests.activity.happenings import happen
from tests.barriers import barriers_anywhere
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)

SignIn = Callable[[Page, Any], None]
MANY = 12_000


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name=name).click()


def test_max_exports_the_entries_he_looks_at(page: Page, sign_in: SignIn) -> None:
    happen(make_contact(), "contact.archived")
    seal_pending()
    sign_in(page, make_user(name="Max"))
    page.goto("/activity/?kind=contact.archived")
    with page.expect_download() as downloading:
        choose(page, "NDJSON, complete and checkable")
    lines = Path(downloading.value.path()).read_bytes().splitlines()
    assert [orjson.loads(line).get("verb") for line in lines] == ["contact.archived", None]
    expect(page.get_by_role("group", name="Export")).to_be_hidden()
    with page.expect_download():
        choose(page, "CSV, for a spreadsheet")
    with page.expect_download():
        choose(page, "NDJSON, complete and checkable")
    assert ActivityExport.objects.count() == 2  # a repeat within a minute is none
    page.get_by_role("button", name="Export").click()
    page.get_by_role("link", name="Your exports").click()
    page.get_by_role("link", name=".ndjson").click()
    expect(page.get_by_role("heading", name="Your export is ready")).to_be_visible()
    export = ActivityExport.objects.get(format="ndjson")
    expect(page.get_by_text(export.sha256)).to_be_visible()


def test_he_watches_a_large_one_and_leaves_no_barrier_on_the_way(
    page: Page, sign_in: SignIn
) -> None:
    happen(make_contact(), times=MANY)
    seal_pending()
    sign_in(page, make_user(name="Max"))
    page.goto("/activity/exports/")
    expect(page.get_by_role("heading", name="Nothing exported yet")).to_be_visible()
    found = barriers_anywhere(page)
    page.goto("/activity/")
    choose(page, "CSV, for a spreadsheet")
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    found += barriers_anywhere(page)
    page.locator("#export-cancel").focus()
    with start_worker(current_app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
        ready = page.get_by_role("heading", name="Your export is ready")
        expect(ready).to_be_visible(timeout=60_000)
    expect(page.locator("#export-said")).to_have_text("Finished")
    expect(page.locator("#export-poller")).to_have_count(0)
    found += barriers_anywhere(page)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download").click()
    with Path(downloading.value.path()).open() as file:
        assert sum(1 for _line in file) == MANY + 2  # the headings, and the contact's creation
    page.goto("/activity/exports/")
    found += barriers_anywhere(page)
    assert not found, "\n".join(found)


def test_without_javascript_it_works_too(open_page: Callable[..., Page], sign_in: SignIn) -> None:
    happen(make_contact(), times=MANY)
    page = open_page(java_script_enabled=False)
    sign_in(page, make_user(name="Max"))
    page.goto("/activity/")
    choose(page, "CSV, for a spreadsheet")
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    run_export(str(ActivityExport.objects.get().pk))
    # The page asks again by itself.
    expect(page.get_by_role("heading", name="Your export is ready")).to_be_visible()
    page.goto("/activity/")
    choose(page, "CSV, for a spreadsheet")
    page.get_by_role("button", name="Stop export").click()
    expect(page.get_by_text("Nothing was exported.")).to_be_visible()
