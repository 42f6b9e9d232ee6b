"""A timeline on paper: who did what and when, nothing to press, nothing folded."""

import re

import pytest
from playwright.sync_api import Page, expect

from activity.context import acting
from contacts.models import Comment
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_timeline_prints_without_tools_and_with_all_that_is_folded(page: Page, sign_in) -> None:
    mia = make_user(name="Mia", theme="dark")
    with acting(actor=mia, channel="web"):
        amara = make_contact(given_name="Amara", city="London", emails=["amara@calder.example"])
        for city in ("Leeds", "Hull", "Bath"):
            amara.city = city
            amara.save()
        Comment(contact=amara, author=mia, body="Prefers mornings").save()
    sign_in(page, mia)
    page.goto(amara.get_absolute_url())
    folded = page.get_by_text("Leeds").first
    expect(folded).to_be_hidden()
    page.emulate_media(media="print")
    expect(folded).to_be_visible()
    for told in ("Prefers mornings", "amara@calder.example"):
        expect(page.get_by_text(told).first).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^Today"))).to_be_visible()
    for control in ("textbox", "navigation"):
        expect(page.get_by_role(control).filter(visible=True)).to_have_count(0)
    # which part of the timeline it is, which no longer looks like a button
    expect(page.get_by_role("button").filter(visible=True)).to_have_text([re.compile("^All")])
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_what_a_printed_timeline_leaves_out_is_said(page: Page, sign_in) -> None:
    mia = make_user(name="Mia")
    with acting(actor=mia, channel="web"):
        amara = make_contact(given_name="Amara")
        for number in range(70):
            Comment(contact=amara, author=mia, body=f"Call {number}, by phone").save()
    sign_in(page, mia)
    page.goto(f"{amara.get_absolute_url()}?q=phone")
    page.emulate_media(media="print")
    expect(page.get_by_text("phone", exact=False).first).to_be_visible()
    expect(page.get_by_text("Show older events")).to_be_visible()
    expect(page.get_by_role("list", name="Filters in force")).to_be_visible()
