"""The main job from sign-in to the receipt, in a real browser with real servers behind it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from playwright.sync_api import Page, expect

from accounts.models import User
from activity.models import ActivityEvent
from config.celery import app
from contacts.models import Contact
from tests.builders import make_user

PASSWORD = "a-long-enough-password"
SHEET = """last_name,first_name,suffix,phone,url,address,state,party
Cantwell,Maria,,202-224-3441,https://www.cantwell.senate.gov,511 Hart Building,WA,Democrat
Luján,Ben Ray,,202-224-6621,https://www.lujan.senate.gov,498 Russell Building,NM,Democrat
Broken,Row,,12,,,,
King,Angus,Jr.,202-224-5344,https://www.king.senate.gov,133 Hart Building,ME,Independent
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def team(transactional_db: None) -> dict[str, User]:
    """Make the people of the story, by first name."""
    names = ("Ada", "Max", "Mia", "Ben", "Vic")
    return {name: make_user(name=name, password=PASSWORD) for name in names}


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Any]:
    """Run a real worker on the real queue."""
    with start_worker(app, pool="threads", concurrency=1, perform_ping_check=False) as running:
        yield running


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Write a small file of real people with one bad row."""
    path = tmp_path / "legislators.csv"
    path.write_text(SHEET, encoding="utf-8")
    return path


def come_in(page: Page, user: Any) -> None:
    """Sign in as a person does."""
    page.goto("/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Waits for you", exact=True)).to_be_visible()
    page.get_by_role("link", name="Contacts", exact=True).first.click()
    expect(page.get_by_role("heading", name="Contacts", exact=True)).to_be_visible()


def import_sheet(page: Page, sheet: Path) -> None:
    """Bring a file of contacts in from the page, and wait until the worker is through with it."""
    page.get_by_role("main").get_by_role("link", name="Import").first.click()
    page.locator("input[type=file]").set_input_files(sheet)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name=re.compile(r"^Import \d+ rows$")).click()
    expect(page.get_by_role("heading", name="Imported legislators.csv")).to_be_visible()


@pytest.mark.usefixtures("worker")
def test_a_manager_imports_people_works_on_one_and_deletes_her(
    page: Page, team: dict[str, Any], sheet: Path
) -> None:
    come_in(page, team["Max"])
    import_sheet(page, sheet)
    expect(page.locator(".stats")).to_contain_text("Added3")
    expect(page.get_by_role("row", name=re.compile("^4 12"))).to_be_visible()

    page.goto("/contacts/")
    page.get_by_role("searchbox").fill("lujan")
    page.get_by_role("link", name="Ben Ray Luján").click()
    expect(page.locator(".facts")).to_contain_text("+1 202-224-6621")
    expect(page.locator("#days")).to_contain_text("Max imported this contact from legislators.csv")

    page.wait_for_load_state()  # with its keys
    page.get_by_label("Comment, visible to your team only").fill("Call after **harvest**")
    page.keyboard.press("ControlOrMeta+Enter")
    comment = page.locator("li.ev").first
    expect(comment).to_contain_text("Max commented")
    expect(comment.locator("strong")).to_have_text("harvest")
    expect(page.get_by_label("Comment, visible to your team only")).to_have_value("")

    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("Phone").first.fill("202-224-0000")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#days")).to_contain_text("Max changed Phone")
    expect(page.locator("#days ins")).to_have_text("+1 202-224-0000")

    page.get_by_role("button", name="Archive").click()
    page.locator("#archive-menu").get_by_label("Reason, if you like").fill("Paused")
    page.locator("#archive-menu").get_by_role("button", name="Archive").click()
    expect(page.get_by_text("Archived on")).to_be_visible()
    expect(page.locator("li.ev").first).to_contain_text("Max archived this contact")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("li.ev").first).to_contain_text("Max restored this contact")

    page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete for good")).to_be_disabled()
    dialog.get_by_label("Reason, for the receipt").fill("Asked to be forgotten")
    dialog.get_by_label(re.compile("^Type Ben Ray Luján")).fill("Ben Ray Luján")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Ben Ray Luján was deleted")).to_be_visible()
    expect(page.locator(".receipt")).to_contain_text("Asked to be forgotten")
    expect(page.locator("#days")).to_contain_text("Max archived this contact")
    expect(page.locator("#days")).not_to_contain_text("harvest")
    assert not Contact.objects.search("lujan").exists()


def test_a_viewer_sees_the_page_without_any_of_its_actions(
    page: Page, sign_in: Callable[[Page, Any], None], team: dict[str, Any]
) -> None:
    contact = Contact.objects.create(given_name="Amara", family_name="Okonkwo")
    sign_in(page, team["Vic"])
    page.goto(contact.get_absolute_url())
    expect(page.get_by_role("heading", name="Amara Okonkwo")).to_be_visible()
    for action in ("Edit", "Archive", "Delete", "Add comment"):
        expect(page.get_by_role("main").get_by_text(action, exact=True)).to_have_count(0)
    token = page.evaluate("JSON.parse(document.body.getAttribute('hx-headers:inherited'))")
    for action in ("archive", "restore", "delete", "comments/", "edit"):
        answer = page.request.post(
            f"{contact.get_absolute_url()}{action}", form={"body": "x"}, headers=token
        )
        assert answer.status == 403, action
    assert ActivityEvent.objects.filter(contact_id=contact.pk).count() == 1


def test_the_main_job_works_without_javascript(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Any], None], team: dict[str, Any]
) -> None:
    contact = Contact.objects.create(given_name="Amara", family_name="Okonkwo")
    page = open_page(java_script_enabled=False)
    sign_in(page, team["Max"])
    page.goto(contact.get_absolute_url())
    page.get_by_label("Comment, visible to your team only").fill("Plain and simple")
    page.get_by_role("button", name="Add comment").click()
    expect(page.locator("#days")).to_contain_text("Plain and simple")
    page.locator("li.ev").first.get_by_role("link", name="Edit").click()
    page.get_by_label("Comment, visible to your team only").fill("Simple and plain")
    page.get_by_role("button", name="Save comment").click()
    expect(page.locator("#days")).to_contain_text("Simple and plain")
    page.locator("li.ev").first.get_by_role("link", name="edited").click()
    expect(page.get_by_role("main")).to_contain_text("Plain and simple")
    page.get_by_role("link", name="Back").click()
    page.locator("li.ev").first.get_by_role("button", name="Delete").click()
    expect(page.locator("li.ev").first).to_contain_text("Max deleted this comment")
    page.get_by_role("button", name="Archive").click()
    page.locator("#archive-menu").get_by_role("button", name="Archive").click()
    expect(page.get_by_text("Archived on")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Archived on")).to_have_count(0)
    page.get_by_role("link", name="Delete").click()
    page.get_by_label(re.compile("^Type Amara")).fill("amara okonkwo")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Amara Okonkwo was deleted")).to_be_visible()


def test_a_draft_survives_a_lost_session(
    page: Page, sign_in: Callable[[Page, Any], None], team: dict[str, Any]
) -> None:
    contact = Contact.objects.create(given_name="Amara", family_name="Okonkwo")
    sign_in(page, team["Mia"])
    page.goto(contact.get_absolute_url())
    page.get_by_label("Comment, visible to your team only").fill("Not to be lost")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.get_by_label("Email").fill(team["Mia"].email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    field = page.get_by_label("Comment, visible to your team only")
    expect(field).to_have_value("Not to be lost")
    page.get_by_role("button", name="Add comment").click()
    sent = page.locator("li.ev").first
    expect(sent).to_contain_text("Not to be lost")
    expect(sent.get_by_role("link", name="Edit", exact=True)).to_be_visible()  # it has arrived
    page.reload()
    expect(field).to_have_value("")
