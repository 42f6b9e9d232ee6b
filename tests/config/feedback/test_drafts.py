"""What somebody typed is kept until it was saved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from contacts.models import Comment
from tests.builders import make_user
from tests.config.feedback.failing import (
    PASSWORD,
    TEXT,
    a_crash,
    a_dead_line,
    break_once,
    comment_field,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_draft_comes_back_until_it_was_saved(page: Page) -> None:
    comment_field(page).fill(TEXT)
    page.reload()
    expect(comment_field(page)).to_have_value(TEXT)
    page.keyboard.press("c")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article")).to_contain_text("They want one invoice per depot.")
    expect(comment_field(page)).to_have_value("")
    page.reload()
    expect(page.get_by_role("article")).to_contain_text("Call back on the 9th.")
    expect(comment_field(page)).to_have_value("")
    assert Comment.objects.count() == 1


def test_a_draft_is_one_persons_own(page: Page, sign_in: Callable[[Page, Any], None]) -> None:
    comment_field(page).fill(TEXT)
    sign_in(page, make_user(name="Mia"))
    page.reload()
    expect(comment_field(page)).to_have_value("")


def test_a_draft_survives_a_lost_session(page: Page) -> None:
    comment_field(page).fill(TEXT)
    Session.objects.all().delete()
    page.get_by_role("button", name="Add comment").click()
    page.get_by_label("Email").fill("ada@annals.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(comment_field(page)).to_have_value(TEXT)
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("fail", "says"),
    [(a_crash, "Something went wrong on the server"), (a_dead_line, "The server didn’t answer")],
)
def test_a_failed_request_keeps_the_text_and_can_be_repeated(
    page: Page, fail: Callable[[Route], None], says: str
) -> None:
    break_once(page, "**/comments/", fail)
    comment_field(page).fill(TEXT)
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("alert")).to_contain_text(says)
    expect(comment_field(page)).to_have_value(TEXT)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article")).to_contain_text("Call back on the 9th.")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    assert Comment.objects.count() == 1
