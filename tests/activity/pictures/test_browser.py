"""Pictures as people come upon them: on a contact, by pointer, by keyboard, on a phone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from activity.pictures.strip import strip
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def amara(transactional_db: None) -> Contact:
    contact = make_contact()
    happen(contact, at=timezone.now() - timedelta(weeks=5), times=2)
    make_comment(contact, body="Said this week")
    return contact


def test_the_weeks_of_a_contact_come_into_view_and_lead_to_the_timeline(
    page: Page, sign_in: Callable[[Page, Any], None], amara: Contact
) -> None:
    sign_in(page, make_user(name="Max"))
    week = strip(amara).bars.stretches[6]
    page.goto(amara.get_absolute_url())
    picture = page.get_by_role("img", name="Entries in the last 12 weeks: 4 in all.")
    expect(picture).to_be_visible()
    page.get_by_text("As a table").press("Enter")
    page.get_by_role("link", name=week.name).press("Enter")
    expect(page.get_by_text("Said this week")).not_to_be_visible()
    page.locator(".strip .bars a").last.click()
    expect(page.get_by_text("Said this week")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{amara.get_absolute_url()}strip")
    expect(picture).to_be_visible()


def test_the_overview_needs_no_script(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Any], None], amara: Contact
) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, make_user(name="Max"))
    page.goto("/")
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    page.get_by_role("link", name="For everyone").click()
    expect(page.get_by_role("heading", name="Nothing waits for anybody")).to_be_visible()
    page.get_by_role("link", name="Mail delivery").click()
    expect(page.get_by_role("img", name="Mails in the last 30 days: none.")).to_be_visible()
    page.goto(amara.get_absolute_url())
    page.get_by_role("link", name="Last 12 weeks").click()
    expect(page.get_by_role("img", name="Entries in the last 12 weeks")).to_be_visible()
