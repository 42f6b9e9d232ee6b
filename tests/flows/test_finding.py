"""Finding in a timeline and catching up, as a browser does it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from activity.context import acting
from activity.models import ActivityEvent, Seen
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def amara(transactional_db: None) -> Contact:
    """Make a contact that Ben has commented on and changed."""
    amara, ben = make_contact(), make_user(name="Ben")
    with acting(actor=ben, channel="web"):
        for body in ("Call Müller back", "Called back"):
            make_comment(amara, ben, body)
    happen(amara, actor=ben, times=60)
    return amara


def newest(contact: Contact) -> int:
    return ActivityEvent.objects.of(contact.pk)[0].id


def test_looking_for_two_seconds_is_noted_and_clears_the_news(
    page: Page, sign_in: Callable[[Page, Any], None], amara: Contact
) -> None:
    mia = make_user(name="Mia")
    Seen.objects.note(mia, amara, newest(amara) - 1)
    sign_in(page, mia)
    with page.expect_response("**/seen") as answer:
        page.goto(amara.get_absolute_url())
        expect(page.locator("#catch-up")).to_contain_text("Since you last looked")
    assert answer.value.status == 204
    assert Seen.objects.get(user=mia).event_id == newest(amara)
    expect(page.locator("#catch-up")).to_be_visible()  # until the page is left
    page.reload()
    expect(page.locator("#days .ev").first).to_be_visible()
    expect(page.locator("#catch-up")).to_have_count(0)


def test_filters_work_by_keyboard_and_stay_in_the_address(
    page: Page, sign_in: Callable[[Page, Any], None], amara: Contact
) -> None:
    sign_in(page, make_user(name="Mia"))
    page.goto(amara.get_absolute_url())
    people = page.get_by_role("button", name="People 2")
    people.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#days .ev")).to_have_count(2)
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?group=people")
    expect(page.locator("#group-people")).to_be_focused()
    field = page.get_by_role("searchbox", name="Search this activity")
    field.press_sequentially("muller")
    expect(page.locator("#days mark")).to_have_text("Müller")
    expect(field).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="1 entry matches")).to_be_visible()
    page.reload()
    expect(page.locator("#days mark")).to_have_text("Müller")
    page.get_by_role("link", name="Remove filter “muller”").press("Enter")
    expect(page.locator("#days .ev")).to_have_count(2)
    page.goto(amara.get_absolute_url())
    expect(page.locator("#group-people")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Show everything").click()
    expect(page.locator("#group-all")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#days .fold")).to_have_count(1)


def test_a_link_into_a_fold_and_a_day_are_scrolled_to_and_focused(
    page: Page, sign_in: Callable[[Page, Any], None], amara: Contact
) -> None:
    sign_in(page, make_user(name="Mia"))
    inside = newest(amara) - 20
    page.goto(f"{amara.get_absolute_url()}?at={inside}")
    row = page.locator(f"#e-{inside}")
    expect(row).to_be_focused()
    expect(row).to_be_in_viewport()
    page.goto(amara.get_absolute_url())
    page.get_by_role("button", name="Jump to a date").click()
    page.get_by_label("Jump to a date").last.fill("2026-05-06")
    page.keyboard.press("Enter")
    heading = page.locator("#day-2026-05-06")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()


def test_without_javascript_everything_is_a_form_or_a_link(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Any], None], amara: Contact
) -> None:
    page = open_page(java_script_enabled=False)
    mia = make_user(name="Mia")
    sign_in(page, mia)
    page.goto(amara.get_absolute_url())
    with page.expect_navigation():
        page.get_by_role("button", name="Mark as seen").click()
    assert Seen.objects.get(user=mia).event_id == newest(amara)
    page.get_by_role("button", name="Changes 60").click()
    expect(page.locator("#days .ev")).not_to_have_count(2)
    page.get_by_role("searchbox", name="Search this activity").fill("called")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("#days mark")).to_have_text("Called")
