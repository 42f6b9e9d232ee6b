"""The list and the form of a contact as a browser drives them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from contacts.models import Contact, Tag
from tests.barriers import barriers_anywhere
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mia(page, sign_in):
    user = make_user(name="Mia")
    sign_in(page, user)
    return user


def test_the_list_follows_what_is_typed_and_back_returns_to_it(page, mia):
    make_contact(given_name="Jörg", family_name="Müller")
    make_contact(given_name="Henrik", family_name="Vestergaard")
    page.goto("/contacts/")
    field = page.get_by_role("searchbox", name="Search contacts")
    field.press_sequentially("mulle")
    expect(page.get_by_role("row")).to_have_count(2)  # the heading is one
    expect(page.get_by_role("link", name="Jörg Müller")).to_be_visible()
    expect(field).to_be_focused()
    expect(page).to_have_url(re.compile(r"/contacts/\?q=mulle$"))
    field.press_sequentially("x")
    expect(page.get_by_role("heading", name="Nobody matches “mullex”")).to_be_visible()
    expect(field).to_have_value("mullex")
    page.go_back()
    expect(page.get_by_role("link", name="Jörg Müller")).to_be_visible()
    expect(field).to_have_value("mulle")


def test_a_tag_is_chosen_from_its_menu_and_taken_off_again(page, mia):
    make_contact(given_name="Tagged", tags=["VIP"])
    make_contact(given_name="Plain")
    Tag.remember(["VIP"])
    page.goto("/contacts/")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("group", name="Tag").get_by_role("link", name="VIP").click()
    expect(page.get_by_role("link", name="Plain")).to_have_count(0)
    page.get_by_role("link", name="Remove filter Tag: VIP").click()
    expect(page.get_by_role("link", name="Plain")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_contact_with_three_emails_is_added_with_and_without_scripts(open_page, sign_in, scripts):
    page = open_page(java_script_enabled=scripts)
    sign_in(page, make_user(name="Mia"))
    page.goto("/contacts/new")
    page.get_by_label("Given name").fill("Amara")
    for number in (1, 2, 3):
        page.get_by_label(f"Email {number}").fill(f"{number}@calder.example")
        page.get_by_role("button", name="Add another").first.click()
        expect(page.get_by_label(f"Email {number + 1}")).to_be_visible()
    page.get_by_role("radio", name="Primary").nth(1).check()
    page.get_by_label("Tags").fill("VIP, Tender")
    page.get_by_role("button", name="Add contact").click()
    expect(page).to_have_url(re.compile(r"/contacts/[0-9a-f-]{36}/$"))
    contact = Contact.objects.get()
    assert contact.emails == ["2@calder.example", "1@calder.example", "3@calder.example"]
    assert contact.tags == ["VIP", "Tender"]


def test_enter_in_a_field_saves_the_form(page, mia):
    page.goto("/contacts/new")
    page.get_by_label("Given name").fill("Amara")
    page.get_by_label("Given name").press("Enter")
    expect(page).to_have_url(re.compile(r"/contacts/[0-9a-f-]{36}/$"))
    assert Contact.objects.get().name == "Amara"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_conflict_is_settled_field_by_field(open_page, sign_in, scripts):
    contact = make_contact(given_name="Amara", job_title="Buyer")
    page = open_page(java_script_enabled=scripts)
    sign_in(page, make_user(name="Mia"))
    page.goto(f"/contacts/{contact.pk}/edit")
    contact.job_title = "Head"
    contact.save()
    page.get_by_label("Job title").fill("Director")
    page.get_by_label("City").fill("Lagos")
    page.get_by_role("button", name="Save changes").click()
    choice = page.get_by_role("group", name="Job title")
    expect(choice).to_contain_text("Head")
    page.get_by_role("button", name="Save this choice").click()
    expect(choice).to_be_visible()  # nothing was chosen yet
    choice.get_by_role("radio", name="Yours").check()
    page.get_by_role("button", name="Save this choice").click()
    expect(page).to_have_url(re.compile(rf"/contacts/{contact.pk}/$"))
    contact.refresh_from_db()
    assert (contact.job_title, contact.city) == ("Director", "Lagos")


def test_nobody_is_kept_from_answering_what_the_form_asks(page, mia):
    contact = make_contact(given_name="Amara", tags=["VIP"], emails=["amara@calder.example"])
    Tag.remember(["VIP"])
    page.goto("/contacts/new")
    page.get_by_label("Email 1").fill("amara at calder")
    page.get_by_role("button", name="Add contact").click()
    expect(page.get_by_role("alert").first).to_contain_text("is not an email address")
    assert not barriers_anywhere(page)
    page.get_by_label("Email 1").fill("amara@calder.example")
    page.get_by_role("button", name="Add contact").click()
    expect(page.get_by_text("This may be somebody you know already")).to_be_visible()
    assert not barriers_anywhere(page)
    page.goto(f"/contacts/{contact.pk}/edit")
    contact.job_title = "Head"
    contact.save()
    page.get_by_label("Job title").fill("Director")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("button", name="Save this choice")).to_be_visible()
    assert not barriers_anywhere(page)
    page.goto(f"/contacts/{contact.pk}/edit")
    contact.archive()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("button", name="Restore and save")).to_be_visible()
    assert not barriers_anywhere(page)
    page.goto("/contacts/?status=all")
    page.set_viewport_size({"width": 390, "height": 900})
    page.get_by_role("button", name="Filters and order").click()
    assert not barriers_anywhere(page)


def test_max_takes_the_ticked_contacts_as_cards(page, sign_in):
    make_contact(given_name="Amara", family_name="Abel")
    make_contact(given_name="Ben", family_name="Bird")
    sign_in(page, make_user(name="Max"))
    page.goto("/contacts/")
    page.get_by_role("row", name="Amara Abel").get_by_role("checkbox").check()
    page.get_by_role("region", name="Selection").get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog", name="Export 1 contact")
    with page.expect_download() as downloading:
        dialog.get_by_role("button", name="vCard").click()
    assert "FN:Amara Abel" in Path(downloading.value.path()).read_text()
    assert "Ben" not in Path(downloading.value.path()).read_text()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("row", name="Amara Abel").get_by_role("checkbox")).to_be_checked()
