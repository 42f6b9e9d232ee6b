"""Dialogs: what they ask for, what fails in them, and that they leave nothing behind."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Contact
from tests.config.feedback.failing import a_crash, break_once

pytestmark = pytest.mark.django_db(transaction=True)


def open_delete_dialog(page: Page) -> Any:
    page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete Amara Okonkwo?")
    expect(dialog).to_be_visible()
    return dialog


def test_deleting_stays_locked_until_the_name_is_typed(page: Page) -> None:
    dialog = open_delete_dialog(page)
    confirm = dialog.get_by_label("to confirm")
    expect(confirm).to_be_focused()
    delete = dialog.get_by_role("button", name="Delete for good")
    expect(delete).to_be_disabled()
    confirm.fill("Amara Okonk")
    expect(delete).to_be_disabled()
    confirm.fill(" amara  okonkwo ")
    expect(delete).to_be_enabled()


@pytest.mark.parametrize("way", ["escape", "button"])
def test_a_dialog_that_closes_leaves_nothing_behind(page: Page, way: str) -> None:
    address = page.url
    dialog = open_delete_dialog(page)
    if way == "escape":
        page.keyboard.press("Escape")
    else:
        dialog.get_by_text("Keep contact").click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Delete")).to_be_focused()
    assert page.url == address


def test_what_fails_inside_a_dialog_is_said_and_repeated_there(page: Page) -> None:
    dialog = open_delete_dialog(page)
    dialog.get_by_label("to confirm").fill("Amara Okonkwo")
    break_once(page, "**/delete", a_crash)
    dialog.get_by_role("button", name="Delete for good").click()
    again = dialog.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    again.click()
    expect(page.get_by_role("heading", name="was deleted")).to_be_visible()
    assert not Contact.objects.exists()


def test_a_button_of_a_form_may_lead_elsewhere(page: Page, amara: Contact) -> None:
    open_delete_dialog(page).get_by_role("button", name="Archive instead").click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    amara.refresh_from_db()
    assert amara.is_archived
