"""Bulk actions as a browser drives them, with and without JavaScript."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from contacts.models import BulkRun, Contact, Message, Tag
from contacts.tasks import run_bulk
from tests.barriers import barriers_anywhere
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def max_(page: Page, sign_in: Callable[[Page, Any], None]) -> User:
    user = make_user(name="Max")
    sign_in(page, user)
    return user


@pytest.fixture
def worker() -> Iterator[None]:
    with start_worker(current_app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
        yield


def people(count: int, **fields: Any) -> list[Contact]:
    return Contact.objects.bulk_create(
        Contact(given_name=f"P{n:02}", emails=[f"p{n}@b.example"], **fields) for n in range(count)
    )


def bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Selection")


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name)


def press(page: Page, name: str) -> Locator:
    """Press a button of the bar; return the dialog that it opens."""
    bar(page).get_by_role("button", name=name).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_two_are_ticked_and_archived_and_undone(page, max_, worker):
    people(3)
    page.goto("/contacts/?sort=name")
    expect(bar(page)).to_be_hidden()
    box(page, "Select P00").check()
    box(page, "Select P02").check()
    expect(bar(page)).to_contain_text("2 selected")
    dialog = press(page, "Archive")
    dialog.get_by_label("Reason").fill("Fair is over")
    dialog.get_by_role("button", name="Archive").click()
    expect(page).to_have_url(re.compile(r"/bulk/[0-9a-f-]{36}/$"))
    expect(page.locator("#bulk-said")).to_have_text("Finished")
    expect(page.locator("#bulk-poller")).to_have_count(0)
    assert {c.name for c in Contact.objects.archived()} == {"P00", "P02"}
    page.get_by_role("button", name="Undo: restore 2 contacts").click()
    expect(page.get_by_role("heading", name="Restore 2 contacts")).to_be_visible()
    expect(page.locator("#bulk-said")).to_have_text("Finished")
    page.get_by_role("link", name="Back to the contacts").click()
    expect(page).to_have_url(re.compile(r"/contacts/\?sort=name$"))
    expect(page.get_by_role("link", name="P00")).to_be_visible()


def test_the_box_in_the_heading_says_and_sets_what_the_page_has_ticked(page, max_):
    people(60)
    page.goto("/contacts/?sort=name")
    head, everyone = box(page, "Select all on this page"), box(page, "Select all 60")
    box(page, "Select P00").check()
    expect(head).to_be_checked(indeterminate=True)
    head.check()
    expect(bar(page)).to_contain_text("50 selected")
    everyone.check()
    expect(bar(page)).to_contain_text("All selected")
    box(page, "Select P01").uncheck()
    expect(everyone).not_to_be_checked()
    expect(bar(page)).to_contain_text("49 selected")
    bar(page).get_by_role("button", name="Clear selection").click()
    expect(bar(page)).to_be_hidden()
    expect(box(page, "Select P00")).not_to_be_checked()
    expect(head).not_to_be_checked()
    assert not head.evaluate("box => box.indeterminate")


def test_all_that_match_get_a_tag(page, max_, worker):
    people(55, tags=["Fair"])
    people(2)
    Tag.remember(["Fair"])
    page.goto("/contacts/?tag=Fair&sort=name")
    box(page, "Select P00").check()
    box(page, "Select all 55").check()
    dialog = press(page, "Tags")
    expect(dialog.get_by_role("heading")).to_have_text("Change the tags of 55 contacts")
    dialog.get_by_label("Add tags").fill("Thanked")
    dialog.get_by_role("checkbox", name="Fair").check()
    dialog.get_by_role("button", name="Change tags").click()
    expect(page.locator("#bulk-said")).to_have_text("Finished")
    assert Contact.objects.filter(tags=["Thanked"]).count() == 55
    assert Contact.objects.filter(tags=[]).count() == 2


def test_searching_on_narrows_what_is_selected(page, max_):
    people(3)
    page.goto("/contacts/?sort=name")
    box(page, "Select P00").check()
    box(page, "Select P01").check()
    page.get_by_role("searchbox").press_sequentially("p02")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(bar(page)).to_be_hidden()
    box(page, "Select P02").check()
    expect(bar(page)).to_contain_text("1 selected")


def test_a_message_is_written_changed_reviewed_and_sent(page, max_, worker):
    people(4)
    page.goto("/contacts/?sort=name")
    box(page, "Select all on this page").check()
    dialog = press(page, "Message")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_text("Write something first.")).to_be_visible()
    dialog.get_by_label("Message").fill("Helo {given_name}")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_text("Helo P02")).to_be_visible()
    dialog.get_by_role("link", name="Change").click()
    dialog.get_by_label("Message").fill("Hello {given_name}")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_text("4 of 4 will get this message.")).to_be_visible()
    dialog.get_by_role("button", name="Send to 4 contacts").click()
    expect(page.locator("#bulk-said")).to_have_text("Finished")
    bodies = Message.objects.order_by("body").values_list("body", flat=True)
    assert list(bodies) == ["Hello P00", "Hello P01", "Hello P02", "Hello P03"]


def test_a_run_is_stopped_from_its_page(page, max_):
    people(1)
    page.goto("/contacts/")
    box(page, "Select P00").check()
    press(page, "Archive").get_by_role("button", name="Archive").click()
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#bulk-said")).to_have_text("Stopped")
    expect(page.get_by_text("What was done stays.")).to_be_visible()


def test_too_many_or_nobody_is_said_where_one_stands(page, max_, monkeypatch):
    people(2)
    monkeypatch.setattr("contacts.models.bulk.MOST_CONTACTS", 1)
    page.goto("/contacts/")
    box(page, "Select all on this page").check()
    bar(page).get_by_role("button", name="Archive").click()
    expect(page.get_by_role("alert")).to_contain_text("Narrow the list, then select again.")
    expect(box(page, "Select P00")).to_be_checked()


def test_without_javascript_it_works_too(open_page, sign_in):
    people(2)
    page = open_page(java_script_enabled=False)
    sign_in(page, make_user(name="Max"))
    page.goto("/contacts/")
    expect(bar(page)).to_contain_text("With the selected:")
    expect(page.get_by_role("checkbox", name="Select all on this page")).to_be_hidden()
    bar(page).get_by_role("button", name="Message").click()
    expect(page.get_by_text("Choose at least one contact.")).to_be_visible()
    page.get_by_role("link", name="Back to the contacts").click()
    box(page, "Select P00").check()
    bar(page).get_by_role("button", name="Message").click()
    page.get_by_label("Message").fill("Hello {name}")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Hello P00")).to_be_visible()
    page.get_by_role("button", name="Send to 1 contact").click()
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    run_bulk(str(BulkRun.objects.get().pk))
    # The page asks again by itself.
    expect(page.get_by_text("Nobody was left out.")).to_be_visible()


def test_nobody_is_kept_from_acting_on_many(page, max_):
    people(51, tags=["Fair"])
    Contact.objects.get(given_name="P01").archive()
    page.goto("/contacts/?status=all&sort=name")
    box(page, "Select all on this page").check()
    box(page, "Select all 51").check()
    assert not barriers_anywhere(page)
    press(page, "Tags")
    assert not barriers_anywhere(page)
    page.get_by_role("link", name="Cancel").click()
    dialog = press(page, "Message")
    dialog.get_by_label("Message").fill("Hello {name}")
    dialog.get_by_role("button", name="Continue").click()
    send = dialog.get_by_role("button", name="Send to 50 contacts")
    expect(send).to_be_visible()
    assert not barriers_anywhere(page)
    send.click()
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    run_bulk(str(BulkRun.objects.get(state="queued").pk))
    expect(page.locator("#bulk-said")).to_have_text("Finished")
    assert not barriers_anywhere(page)
