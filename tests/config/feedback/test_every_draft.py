"""Each text that somebody types is a draft, wherever it is typed."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contacts.models import Contact
from tests.builders import make_comment
from tests.config.feedback.failing import TEXT, comment_field

pytestmark = pytest.mark.django_db(transaction=True)
RESTORED = "Draft restored"


def opened_menu(page: Page) -> Locator:
    page.get_by_role("button", name="Archive").click()
    return page.locator("#archive-menu").get_by_label("Reason, if you like")


def opened_invitation(page: Page) -> Locator:
    page.get_by_role("link", name="Invite").click()
    return page.get_by_role("dialog").get_by_label("Note, if you like")


def opened_form(page: Page) -> Locator:
    page.goto(f"{page.url.rstrip('/')}/edit".replace("edit/edit", "edit"))
    return page.get_by_label("Notes")


@pytest.mark.parametrize(
    "opened",
    [opened_menu, opened_invitation, opened_form],
    ids=lambda opened: opened.__name__,
)
def test_what_was_typed_anywhere_comes_back_and_says_so(page: Page, opened: Any) -> None:
    opened(page).fill(TEXT.replace("\n", " "))
    page.reload()
    field = opened(page)
    expect(field).to_have_value(TEXT.replace("\n", " "))
    form = field.locator("xpath=ancestor::form")
    expect(form.get_by_text(RESTORED)).to_be_visible()
    form.get_by_role("button", name="Discard").click()
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    page.reload()
    expect(opened(page)).to_have_value("")
    expect(page.get_by_text(RESTORED)).to_have_count(0)


def test_a_draft_of_notes_is_gone_once_they_are_saved(page: Page, amara: Contact) -> None:
    opened_form(page).fill("Prefers mornings")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#days")).to_contain_text("Notes")
    page.wait_for_function("!Object.keys(localStorage).some(key => key.startsWith('draft'))")
    assert Contact.objects.get().notes == "Prefers mornings"


def test_a_draft_overwrites_nothing_that_was_written_since(page: Page, amara: Contact) -> None:
    opened_form(page).fill("Prefers mornings")
    amara.notes = "Prefers evenings"
    amara.save()
    page.reload()
    expect(page.get_by_label("Notes")).to_have_value("Prefers mornings")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("group", name="Notes")).to_be_visible()
    expect(page.get_by_text("Prefers evenings")).to_be_visible()
    assert Contact.objects.get().notes == "Prefers evenings"
    page.get_by_label("Yours").check()
    page.get_by_role("button", name="Save this choice").click()
    expect(page.locator("#days")).to_contain_text("Prefers mornings")
    opened_form(page)
    expect(page.get_by_text(RESTORED)).to_have_count(0)


def test_an_edit_of_a_comment_that_is_given_up_leaves_no_draft(page: Page, amara: Contact) -> None:
    comment = make_comment(amara, _ada(), "As it was")
    page.reload()
    page.get_by_role("link", name="Edit", exact=True).last.click()
    field = page.locator(f"#edit-{comment.pk}")
    field.fill("As it might be")
    page.get_by_role("link", name="Keep as it was").click()
    page.get_by_role("article").get_by_role("link", name="Edit").click()
    expect(field).to_have_value("As it was")


def test_a_draft_does_not_stay_on_a_device_for_ever(page: Page) -> None:
    comment_field(page).fill(TEXT)
    page.clock.install()
    page.clock.fast_forward(31 * 24 * 60 * 60 * 1000)
    page.reload()
    expect(comment_field(page)).to_have_value("")


def _ada() -> Any:
    from accounts.models import User

    return User.objects.get(name="Ada")
