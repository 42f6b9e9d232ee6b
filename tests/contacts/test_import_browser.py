"""An import in a browser: from the file to the contacts, with and without JavaScript."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from playwright.sync_api import Page, expect

from contacts.models import Contact, ImportRun
from contacts.tasks import run_import
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)

LEGISLATORS = Path(__file__).parent.parent / "data" / "legislators.csv"


def to_columns(page: Page) -> None:
    page.goto("/imports/")
    page.get_by_role("link", name="Import contacts").last.click()
    page.get_by_label("Choose a file").set_input_files(LEGISLATORS)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("cell", name="Maria Cantwell").first).to_be_visible()


def test_max_imports_the_legislators_and_watches(
    page: Page, sign_in: Callable[[Page, Any], None]
) -> None:
    sign_in(page, make_user(name="Max"))
    to_columns(page)
    page.get_by_label("url", exact=True).select_option(label="Add to notes")
    page.get_by_label("first_name").select_option(label="Company")
    expect(page.locator("#preview").get_by_role("cell", name="Maria", exact=True)).to_be_visible()
    page.get_by_label("first_name").select_option(label="Given name")
    page.get_by_role("button", name="Import 537 rows").click()
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    page.locator("#import-stop").focus()
    with start_worker(current_app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
        done = page.get_by_text("Every row became a contact.")
        expect(done).to_be_visible(timeout=60_000)
    expect(page.locator("#import-said")).to_have_text("Finished")
    expect(page.locator("#import-poller")).to_have_count(0)
    page.get_by_role("link", name="See contacts").click()
    expect(page.get_by_text("537 contacts", exact=True)).to_be_visible()
    assert Contact.objects.get(family_name="Cantwell").notes.startswith("url: https://")


def test_without_javascript_it_works_too(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Any], None]
) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, make_user(name="Max"))
    to_columns(page)
    page.get_by_label("first_name").select_option(label="Company")
    page.get_by_role("button", name="Show these choices above").click()
    expect(page.locator("#preview").get_by_role("cell", name="Maria", exact=True)).to_be_visible()
    page.get_by_label("first_name").select_option(label="Given name")
    page.get_by_role("button", name="Import 537 rows").click()
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    run_import(str(ImportRun.objects.get().pk))
    # The page asks again by itself.
    expect(page.get_by_text("Every row became a contact.")).to_be_visible()
