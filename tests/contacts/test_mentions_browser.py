"""Mentioning somebody in a comment, as a browser drives it: by keyboard alone, and read aloud."""

import re

import pytest
from playwright.sync_api import Page, expect

from activity.models import Notification
from contacts.models import Comment
from tests.barriers import barriers_anywhere
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_mia_mentions_max_by_keyboard_and_he_finds_it_in_his_inbox(
    page: Page, sign_in, open_page
) -> None:
    mia, max_ = make_user(name="Mia"), make_user(name="Max Weber", email="max@annals.example")
    make_user(name="Maxine Roe", email="roe@annals.example")
    ana = make_contact(given_name="Ana")
    sign_in(page, mia)
    page.goto(ana.get_absolute_url())
    field = page.locator("#comment")
    field.focus()
    page.locator("text-expander:defined").wait_for()
    field.press_sequentially("Ask @max")
    people = page.get_by_role("listbox", name="People to mention")
    expect(people.get_by_role("option")).to_have_count(2)
    expect(page.locator("text-expander [role=status]")).to_have_text("2 people found")
    expect(people.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    chosen = people.get_by_role("option").first.get_attribute("id")
    expect(field).to_have_attribute("aria-activedescendant", chosen)
    assert barriers_anywhere(page) == []
    page.keyboard.press("ArrowDown")
    expect(people.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(people).to_be_hidden()
    expect(field).to_have_value("Ask @Max Weber ")
    expect(field).to_be_focused()
    field.press_sequentially("to call")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".prose .mention")).to_have_text("@Max Weber")
    assert Comment.objects.get().body == "Ask @Max Weber to call"
    [told] = Notification.objects.of(max_)

    other = open_page()
    sign_in(other, max_)
    other.goto("/contacts/")
    expect(other.get_by_role("link", name=re.compile("Inbox"))).to_contain_text("1 unread")
    other.get_by_role("link", name=re.compile("Inbox")).click()
    mention = other.get_by_role("link", name=re.compile("Mia mentioned you on"))
    expect(mention).to_be_visible()
    assert barriers_anywhere(other) == []
    mention.click()
    expect(other.locator(f"#e-{told.event_id}")).to_be_in_viewport()
    expect(other.locator(".nav .count").first).to_have_text("")
    told.refresh_from_db()
    assert told.read_at


def test_turning_the_phone_while_people_are_listed_never_makes_the_page_too_wide(
    page: Page, sign_in
) -> None:
    make_user(name="Max Weber", email="max@annals.example")
    sign_in(page, make_user(name="Mia"))
    page.set_viewport_size({"width": 844, "height": 390})
    page.goto(make_contact(given_name="Ana").get_absolute_url())
    page.locator("#comment").focus()
    page.locator("text-expander:defined").wait_for()
    page.locator("#comment").press_sequentially("@m")
    expect(page.get_by_role("option")).to_have_count(1)
    page.evaluate(
        """() => addEventListener("resize", () => {
          document.body.dataset.wider = document.documentElement.scrollWidth - innerWidth;
        })"""
    )
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("body")).to_have_attribute("data-wider", "0")


def test_escape_leaves_what_was_typed_and_follow_says_its_state(page: Page, sign_in) -> None:
    ana = make_contact(given_name="Ana")
    make_user(name="Max Weber", email="max@annals.example")
    sign_in(page, make_user(name="Mia"))
    page.goto(ana.get_absolute_url())
    page.locator("#comment").focus()
    page.locator("text-expander:defined").wait_for()
    page.locator("#comment").press_sequentially("@m")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(page.locator("#comment")).to_have_value("@m")
    follow = page.get_by_role("button", name="Follow")
    expect(follow).to_have_attribute("aria-pressed", "false")
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(follow).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="You follow Ana")).to_be_visible()
