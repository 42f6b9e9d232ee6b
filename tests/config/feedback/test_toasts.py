"""Messages of what was done or failed: how long they stay, and how it is undone."""

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Contact
from tests.config.feedback.failing import TEXT, a_crash, break_once, comment_field

pytestmark = pytest.mark.django_db(transaction=True)


def stand_still(page: Page) -> None:
    """Stop the page's clock, so that what a busy machine takes is no part of the time tested."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)


def test_an_error_stays_until_it_is_dismissed(page: Page) -> None:
    page.clock.install()
    break_once(page, "**/comments/", a_crash)
    comment_field(page).fill(TEXT)
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong")
    page.clock.fast_forward(60_000)
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("alert")).not_to_contain_text("Something went wrong")


def test_a_message_goes_by_itself_but_not_while_somebody_is_at_it(page: Page) -> None:
    page.clock.install()
    comment_field(page).fill(TEXT)
    page.get_by_role("button", name="Add comment").click()
    message = page.get_by_role("status").get_by_text("Comment added")
    expect(message).to_be_visible()
    message.hover()
    stand_still(page)
    page.clock.fast_forward(6_000)
    expect(message).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.fast_forward(4_000)
    expect(message).to_be_visible()
    page.clock.fast_forward(1_100)
    expect(message).to_have_count(0)


def archive(page: Page) -> None:
    page.get_by_role("button", name="Archive").click()
    page.locator("#archive-menu").get_by_role("button", name="Archive").click()


def test_archiving_can_be_undone_for_ten_seconds(page: Page, amara: Contact) -> None:
    page.clock.install()
    archive(page)
    undo = page.get_by_role("button", name="Undo")
    undo.hover()
    stand_still(page)
    page.mouse.move(0, 0)  # from here on it is nobody's
    page.clock.fast_forward(9_000)
    undo.hover()
    page.clock.resume()
    undo.click()
    expect(page.get_by_role("button", name="Restore")).to_have_count(0)
    expect(undo).to_have_count(0)
    amara.refresh_from_db()
    assert not amara.is_archived


def test_undo_works_after_a_whole_page_was_loaded(page: Page, amara: Contact) -> None:
    page.evaluate("document.querySelector('#newest').remove()")  # as where older events are shown
    archive(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Archive").first).to_be_visible()
    amara.refresh_from_db()
    assert not amara.is_archived


@pytest.mark.parametrize("clipboard", ["present", "missing, as on plain http"])
def test_an_address_is_copied(page: Page, clipboard: str) -> None:
    page.context.grant_permissions(["clipboard-write"])
    if clipboard != "present":
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject() }")
    page.get_by_role("button", name="Copy amara@calderwren.example").click()
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    comment = page.get_by_role("textbox", name="Comment")
    comment.press("ControlOrMeta+v")
    expect(comment).to_have_value("amara@calderwren.example")


def test_what_is_no_longer_there_is_said_in_place(page: Page, amara: Contact) -> None:
    page.evaluate("htmx.ajax('GET', '/nowhere', {target: '#head'})")
    expect(page.get_by_role("alert")).to_contain_text("This is no longer here")
    expect(page.get_by_role("heading", name="Amara Okonkwo")).to_be_visible()
