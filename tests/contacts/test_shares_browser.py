"""Sharing a contact as a browser drives it, from the menu to the recipient's page."""

import re
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from activity.models import ActivityEvent
from contacts.mail import deliver
from contacts.models import Contact, Delivery, Share
from tests.barriers import barriers_anywhere
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)
OWN, OTHER = "amara@calder.example", "facilities@wren.example"


@pytest.fixture
def amara() -> Contact:
    return make_contact(
        given_name="Amara",
        family_name="Okonkwo",
        organisation="Calder & Wren Logistics",
        job_title="Head of Operations",
        emails=[OWN, "a.okonkwo@home.example"],
        phones=["+442079460142"],
        street="1 Quay Street",
        city="London",
        tags=["Key account"],
        notes="Prefers mornings.",
    )


@pytest.fixture
def max_(page, sign_in):
    user = make_user(name="Max")
    sign_in(page, user)
    return user


def open_dialog(page: Page, contact: Contact) -> None:
    page.goto(contact.get_absolute_url())
    page.get_by_role("button", name="Share via…").click()
    page.get_by_role("link", name="Email…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def delivered() -> list[str]:
    """Send what is in the outbox as the worker does; return the texts."""
    for delivery in Delivery.objects.filter(state="queued"):
        deliver(delivery.pk)
    return [each.body for each in mail.outbox]


def test_a_contact_gets_its_own_details_with_one_click_and_the_row_follows_its_mail(
    page, max_, amara
):
    open_dialog(page, amara)
    page.get_by_role("button", name=f"Send to {OWN}").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    row = page.locator(".ev", has_text="Max shared this contact")
    expect(row).to_contain_text("Queued")
    assert "Phone: +44 20 7946 0142" in delivered()[0]
    expect(row).to_contain_text("Sent")
    expect(row.locator("[hx-trigger]")).to_have_count(0)


def test_what_is_chosen_is_seen_at_once_and_the_recipient_opens_the_link_of_the_mail(
    page, max_, amara, open_page
):
    open_dialog(page, amara)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name=f"{OWN} this contact").uncheck()
    dialog.get_by_label("Somebody else").fill(f"Facilities <{OTHER}>")
    dialog.get_by_role("checkbox", name="Name").uncheck()
    dialog.get_by_role("checkbox", name="Address").uncheck()
    dialog.get_by_label("Text").fill("For the <b>tender</b>, as discussed.")
    dialog.get_by_label("Link").select_option("7")
    warning = "You are sending Amara Okonkwo’s company, job title, email and phone to"
    expect(dialog.get_by_text(warning)).to_contain_text(OTHER)
    expect(dialog.locator(".letter pre").first).to_contain_text("For the <b>tender</b>")
    expect(dialog.locator(".letter pre").first).not_to_contain_text("Amara")
    dialog.get_by_text("Calder  Wren Logistics.vcf").click()
    expect(dialog.locator("details pre")).to_contain_text("ORG:Calder & Wren Logistics")
    dialog.get_by_role("button", name=f"Send to {OTHER}").click()
    expect(dialog).to_have_count(0)
    [text] = delivered()
    [address] = re.findall(r"/s/[\w-]{43}/", text)
    row = page.locator(".ev", has_text="Max shared this contact")
    expect(row).to_contain_text("Sent")

    visitor = open_page()
    visitor.goto(address)
    expect(visitor.get_by_role("heading", name="Shared details")).to_be_visible()
    expect(visitor.locator("main")).to_contain_text("+44 20 7946 0142")
    expect(visitor.locator("main")).not_to_contain_text("Amara")
    assert not ActivityEvent.objects.filter(verb="share.link_opened").exists()
    with visitor.expect_response(re.compile("/opened$")):
        visitor.mouse.move(300, 300)
    visitor.mouse.move(200, 200)
    visitor.mouse.wheel(0, 50)
    visitor.reload()
    expect(visitor.locator("[hx-post]")).to_have_count(0)
    assert Share.objects.get().visits == {OTHER: 1}
    with visitor.expect_download() as download:
        visitor.get_by_role("link", name="Save as a contact").click()
    assert "TEL;PREF=1;VALUE=uri:tel:+442079460142" in Path(download.value.path()).read_text()

    page.reload()
    expect(row).to_contain_text("link opened once")
    row.get_by_role("button", name="Take back link").click()
    expect(row).to_contain_text("Link: Taken back")
    expect(page.locator("#days")).to_contain_text("Max took back a shared link")
    visitor.reload()
    expect(visitor.get_by_role("heading", name="This link opens nothing")).to_be_visible()
    page.goto(f"{amara.get_absolute_url()}disclosures")
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_mistake_keeps_what_was_typed_and_the_focus_goes_to_it(page, max_, amara):
    open_dialog(page, amara)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Text").fill("Keep me")
    dialog.get_by_label("Somebody else").fill(f"{OTHER}, jane")
    expect(dialog.locator("#share-preview")).to_contain_text("“jane” is not an email address")
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("“jane” is not an email address")
    expect(dialog.get_by_label("Somebody else")).to_be_focused()
    expect(dialog.get_by_label("Text")).to_have_value("Keep me")
    assert not Delivery.objects.exists()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_an_archived_contact_is_restored_in_the_dialog(page, max_, amara):
    open_dialog(page, amara)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Text").fill("Keep me")
    expect(dialog.locator("#share-preview")).to_contain_text("Keep me")
    Contact.objects.get().archive()
    dialog.get_by_role("button", name=f"Send to {OWN}").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is archived")
    dialog.get_by_role("button", name="Restore").click()
    expect(dialog.get_by_role("alert")).to_have_count(0)
    expect(dialog.get_by_label("Text")).to_have_value("Keep me")
    dialog.get_by_role("button", name=f"Send to {OWN}").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#days")).to_contain_text("Max shared this contact")


def test_without_scripts_nothing_leaves_unseen(open_page, sign_in, amara):
    page = open_page(java_script_enabled=False)
    sign_in(page, make_user(name="Max"))
    page.goto(f"{amara.get_absolute_url()}shares/")
    page.get_by_label("Text").fill("Hello")
    page.get_by_role("button", name=f"Send to {OWN}").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "has changed since you saw it"
    )
    expect(page.locator(".letter pre").first).to_contain_text("Hello")
    page.get_by_label("Somebody else").fill(OTHER)
    page.get_by_role("button", name="Show what would leave").click()
    expect(page.locator("#share-warning")).to_contain_text(OTHER)
    page.get_by_role("button", name="Send to 2 addresses").click()
    expect(page.locator("#days")).to_contain_text("Max shared this contact")
    assert Delivery.objects.count() == 2


def test_details_are_copied_and_the_code_is_large_enough_to_hold_before_a_phone(page, max_, amara):
    page.context.grant_permissions(["clipboard-write"])
    page.goto(amara.get_absolute_url())
    page.get_by_role("button", name="Share via…").click()
    page.get_by_role("button", name="Copy details").click()
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    page.reload()
    comment = page.get_by_role("textbox", name="Comment")
    comment.press("ControlOrMeta+v")
    told = f"Email: {OWN}, a.okonkwo@home.example\nPhone: +44 20 7946 0142"
    expect(comment).to_have_value(re.compile(re.escape(told)))
    expect(comment).not_to_have_value(re.compile("mornings"))
    page.reload()
    page.get_by_role("button", name="Share via…").click()
    page.get_by_role("link", name="QR code").click()
    code = page.get_by_role("img", name="QR code with the details of Amara Okonkwo")
    expect(code).to_be_visible()
    assert code.bounding_box()["width"] > 200


@pytest.mark.parametrize("files", [True, False])
def test_other_apps_are_offered_where_the_browser_has_them(page, max_, amara, files):
    page.add_init_script(
        f"""navigator.canShare = () => {str(files).lower()};
        navigator.share = async (what) => {{ window.shared = what; document.title = "Shared"; }};"""
    )
    page.goto(amara.get_absolute_url())
    page.get_by_role("button", name="Share via…").click()
    page.get_by_role("button", name="Other apps on this device…").click()
    expect(page).to_have_title("Shared")
    if files:
        card = page.evaluate("window.shared.files[0].text()")
        assert "FN:Amara Okonkwo" in card
    else:
        assert f"Email: {OWN}" in page.evaluate("window.shared.text")


def test_other_apps_are_not_offered_where_the_browser_has_none(page, max_, amara):
    page.add_init_script("delete Navigator.prototype.share")
    page.goto(amara.get_absolute_url())
    page.get_by_role("button", name="Share via…").click()
    expect(page.get_by_role("link", name="QR code")).to_be_visible()
    expect(page.get_by_role("button", name="Other apps")).to_have_count(0)


def test_nobody_is_kept_from_sharing_or_from_what_was_shared(page, max_, amara, open_page):
    open_dialog(page, amara)
    page.get_by_label("Somebody else").fill(OTHER)
    page.get_by_role("dialog").get_by_label("Link").select_option("7")
    expect(page.locator("#share-warning")).to_be_visible()
    assert not barriers_anywhere(page)
    page.get_by_role("button", name="Send to 2 addresses").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    address = re.findall(r"/s/[\w-]{43}/", delivered()[1])[0]
    visitor = open_page()
    visitor.goto(address)
    assert not barriers_anywhere(visitor)
    page.goto(f"{amara.get_absolute_url()}disclosures")
    assert not barriers_anywhere(page)
    page.goto(f"{amara.get_absolute_url()}qr")
    assert not barriers_anywhere(page)
