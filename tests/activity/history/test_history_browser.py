"""The History tab in a browser: filters, older entries, moments, values put back, paper."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from activity.context import acting
from contacts.models import Contact, Message
from tests.activity.happenings import happen
from tests.barriers import barriers_anywhere
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def amara(transactional_db: None) -> Contact:
    """Make a contact with a history: changes, a comment edited and one deleted, a message."""
    ada = make_user(name="Ada")
    with acting(actor=ada, channel="web"):
        contact = make_contact(
            given_name="Amara",
            family_name="Okonkwo",
            job_title="Director",
            emails=["amara.okonkwo.of.the.very.long.name@calder-and-wren-logistics.example"],
            tags=["Depot rollout", "Key account"],
            owner=ada,
        )
        contact.job_title, contact.tags, contact.notes = "Chair", ["Key account"], "Mornings"
        contact.save()
        first, second = make_comment(contact, ada, "One `invoice`"), make_comment(contact, ada)
        first.edit("One `invoice` per depot", first.version)
        second.remove(by=ada)
        address = contact.emails[0]
        Message.send(contact, author=ada, address=address, subject="Depot", body="Hello\n\nAda")
        contact.archive("Paused")
        contact.restore()
    return contact


@pytest.fixture
def history(page: Page, sign_in: Callable[[Page, Any], None], amara: Contact) -> Page:
    """Return a page that shows Amara's history to Ada."""
    sign_in(page, amara.owner)
    page.goto(f"{amara.get_absolute_url()}history")
    return page


def test_a_value_is_put_back_and_the_undo_takes_it_away_again(
    history: Page, amara: Contact
) -> None:
    history.get_by_role("button", name="Put back Job title: Director").first.click()
    expect(history.get_by_text("Job title was put back")).to_be_visible()
    expect(history.locator(".entry").first).to_contain_text(
        "put back an earlier value of Job title"
    )
    amara.refresh_from_db()
    assert amara.job_title == "Director"
    history.get_by_role("button", name="Undo").click()
    expect(history.locator(".entry").first).to_contain_text("Version 6")
    amara.refresh_from_db()
    assert amara.job_title == "Chair"


def test_a_moment_is_chosen_and_left_again(history: Page, amara: Contact) -> None:
    history.locator(".entry").last.get_by_role("link", name="The contact then").click()
    card = history.get_by_role("region", name="Amara Okonkwo on")
    expect(card).to_contain_text("Version 1")
    expect(card.get_by_role("row", name=re.compile("Job title different"))).to_contain_text("Chair")
    history.get_by_role("link", name="Today").click()
    expect(card).to_be_hidden()
    history.get_by_label("The contact as it was on").fill("2020-01-01T12:00:00")
    history.get_by_role("button", name="Show", exact=True).click()
    expect(history.get_by_role("region", name="Not there yet")).to_be_visible()


def test_filtering_changes_the_record_and_the_address_in_place(history: Page) -> None:
    field = history.get_by_label("Search this activity")
    field.fill("invoice")
    expect(history.locator(".entry")).to_have_count(2)
    expect(history).to_have_url(re.compile(r"history\?q=invoice$"))
    expect(field).to_be_focused()
    history.reload()
    expect(history.locator(".entry")).to_have_count(2)


def test_older_entries_join_those_that_are_shown(history: Page, amara: Contact) -> None:
    happen(amara, times=60)
    history.reload()
    expect(history.locator(".entry")).to_have_count(50)
    history.get_by_role("link", name="Show 20 older entries").click()
    expect(history.locator(".entry")).to_have_count(70)
    assert "before=" not in history.url


def test_everything_works_without_scripts(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Any], None], amara: Contact
) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, amara.owner)
    happen(amara, times=60)
    page.goto(amara.get_absolute_url())
    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="Show 20 older entries").click()
    expect(page.locator(".entry")).to_have_count(20)
    page.get_by_role("button", name="Put back Job title: Director").first.click()
    expect(page.get_by_text("Job title was put back")).to_be_visible()
    page.get_by_role("button", name="Handover sheet").click()
    expect(page.get_by_role("heading", name="History of Amara Okonkwo")).to_be_visible()


def test_nobody_is_kept_from_the_history(history: Page, amara: Contact) -> None:
    address = f"{amara.get_absolute_url()}history"
    found = barriers_anywhere(history)
    moment = history.locator(".entry").last.get_by_role("link", name="The contact then")
    for query in (str(moment.get_attribute("href")), "?at=nonsense", "?at=2020-01-01", "?q=zzz"):
        history.goto(f"{address}{query}")
        found += barriers_anywhere(history)
    history.goto(address)
    history.get_by_role("button", name="Handover sheet").click()
    expect(history.get_by_text("sha256sum")).to_be_visible()
    found += barriers_anywhere(history)
    assert not found, "\n".join(found)


def test_nobody_is_kept_from_a_question_or_a_refusal(history: Page, amara: Contact) -> None:
    amara.refresh_from_db()
    amara.job_title = "Founder"
    amara.save()
    history.get_by_role("button", name="Put back Job title: Director").first.click()
    expect(history.get_by_role("alert").first).to_be_attached()
    found = barriers_anywhere(history)
    history.get_by_role("link", name="Keep what is there now").click()
    amara.archive()
    history.get_by_role("button", name="Put back Job title: Director").first.click()
    expect(history.get_by_role("heading", name="The value was not put back")).to_be_visible()
    found += barriers_anywhere(history)
    assert not found, "\n".join(found)


def test_paper_has_the_entries_and_none_of_the_tools(history: Page) -> None:
    history.emulate_media(media="print")
    expect(history.locator(".entry").first).to_be_visible()
    for tool in ("Put back", "Show", "Handover sheet"):
        expect(history.get_by_role("button", name=tool)).to_have_count(0)
    expect(history.get_by_label("The contact as it was on")).to_be_hidden()
    expect(history.locator(".views")).to_be_hidden()
