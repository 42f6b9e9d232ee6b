"""A comment stands on the timeline at once, and says so where it did not arrive."""

import threading

import pytest
from playwright.sync_api import Page, Route, expect

from contacts.models import Comment
from tests.config.feedback.failing import TEXT, a_crash, break_once, comment_field

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_comment_shows_before_the_server_has_answered(page: Page) -> None:
    held: list[Route] = []
    came = threading.Event()
    page.route("**/comments/", lambda route: (held.append(route), came.set()), times=1)
    comment_field(page).fill(TEXT)
    page.get_by_role("button", name="Add comment").click()
    row = page.locator(".sending")
    expect(row).to_contain_text("Call back on the 9th.")
    expect(row).to_have_attribute("aria-busy", "true")
    expect(row.get_by_text("Sending…")).to_be_visible()
    expect(row.get_by_role("button", name="Try again")).to_be_hidden()
    assert came.is_set()
    held[0].continue_()
    expect(page.get_by_role("article")).to_contain_text("Call back on the 9th.")
    expect(row).to_have_count(0)


def test_a_comment_that_failed_stays_to_be_tried_again(page: Page) -> None:
    break_once(page, "**/comments/", a_crash)
    comment_field(page).fill(TEXT)
    page.get_by_role("button", name="Add comment").click()
    row = page.locator(".sending")
    expect(row.get_by_text("Not sent. Your text is still above.")).to_be_visible()
    expect(row).to_have_attribute("aria-busy", "false")
    expect(comment_field(page)).to_have_value(TEXT)
    row.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article")).to_contain_text("Call back on the 9th.")
    expect(row).to_have_count(0)
    assert Comment.objects.count() == 1


def test_a_comment_that_was_refused_leaves_no_row(page: Page) -> None:
    comment_field(page).fill("x" * 10_001)
    page.get_by_role("button", name="Add comment").click()
    expect(comment_field(page)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".sending")).to_have_count(0)
