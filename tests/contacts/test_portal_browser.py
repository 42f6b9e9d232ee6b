"""The portal as a browser drives it: at the newest message, answering, reading back."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from contacts.conversation import SHOWN_AT_ONCE
from contacts.models import Contact, Message
from tests.barriers import barriers_anywhere
from tests.builders import make_user
from tests.contacts.portal_people import answer, attach, make_amara, make_portal, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def amara() -> Contact:
    return make_amara()


@pytest.fixture
def user(page, sign_in, amara):
    user = make_portal(amara)
    sign_in(page, user)
    return user


def poll_now(page: Page) -> None:
    """Have the page ask for new messages, as it does every 15 seconds."""
    with page.expect_response(re.compile("/latest")):
        page.evaluate("htmx.trigger('#latest', 'every')")


def test_it_opens_at_the_newest_message_and_reads_back_without_a_jump(page, user, amara):
    for number in range(SHOWN_AT_ONCE + 10):
        answer(amara, f"Message {number}.")
    page.goto("/")
    expect(page).to_have_url(re.compile("/portal/$"))
    expect(page.get_by_text(f"Message {SHOWN_AT_ONCE + 9}.")).to_be_in_viewport()
    first = page.get_by_text("Message 10.")
    expect(first).not_to_be_in_viewport()
    button = page.get_by_role("link", name="Show earlier messages")
    button.scroll_into_view_if_needed()
    before = first.bounding_box()["y"]
    button.click()
    expect(page.get_by_text("Message 0.")).to_be_attached()
    expect(button).to_have_count(0)
    assert abs(first.bounding_box()["y"] - before) < 60
    expect(page.locator(".day-mark")).to_have_count(1)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reply_with_a_file_is_sent_with_and_without_scripts(open_page, sign_in, amara, scripts):
    page = open_page(java_script_enabled=scripts)
    sign_in(page, make_portal(amara))
    write(amara, "Any questions?")
    page.goto("/portal/")
    page.get_by_label("Your message").fill("Only one: when?")
    page.get_by_label("Attach files").set_input_files(
        [{"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-"}]
    )
    page.get_by_role("button", name="Send").click()
    conversation = page.get_by_role("log")
    expect(conversation.get_by_text("Only one: when?")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("")
    with page.expect_download() as download:
        conversation.get_by_role("link", name="plan.pdf").click()
    assert download.value.suggested_filename == "plan.pdf"
    assert Message.objects.get(incoming=True).attachments.get().size == 5


def test_two_presses_send_one_message_and_a_refused_one_stays(page, user, amara):
    page.goto("/portal/")
    page.get_by_label("Your message").fill("\u200b")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Write something first.")).to_be_visible()
    page.get_by_label("Your message").fill("Thank you")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("log").get_by_text("Thank you")).to_be_visible()
    expect(page.get_by_text("Nothing was written yet")).to_have_count(0)
    assert Message.objects.count() == 1


def test_a_new_message_appears_and_takes_neither_focus_nor_draft_nor_place(page, user, amara):
    for number in range(SHOWN_AT_ONCE):
        answer(amara, f"Message {number}.")
    page.goto("/portal/")
    field = page.get_by_label("Your message")
    field.fill("A thought of mi")
    write(amara, "In between")
    poll_now(page)
    expect(page.get_by_text("In between")).to_be_in_viewport()
    expect(field).to_be_focused()
    expect(field).to_have_value("A thought of mi")
    early = page.get_by_text("Message 3.")
    early.scroll_into_view_if_needed()
    before = early.bounding_box()["y"]
    write(amara, "And another one")
    poll_now(page)
    expect(page.get_by_text("And another one")).to_be_attached()
    assert abs(early.bounding_box()["y"] - before) < 5


def test_the_details_and_the_way_out_are_in_the_menu(page, user, amara):
    page.goto("/portal/")
    page.get_by_role("button", name="Amara Okonkwo").click()
    page.get_by_role("link", name="Your details").click()
    page.get_by_label("City").fill("Lagos")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("Your details are saved.")).to_be_visible()
    page.get_by_role("button", name="Amara Okonkwo").click()
    page.get_by_role("link", name="Leave this conversation").click()
    page.get_by_role("button", name="Leave this conversation").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))
    amara.refresh_from_db()
    assert amara.city == "Lagos"


def test_nobody_is_kept_from_the_portal(page, user, amara):
    with transaction.atomic():
        attach(write(amara, "Here is the plan, with **all** of it."))
    answer(amara, "A" * 300)
    answer(amara, "From my phone", "email")
    for path in (
        "/portal/", f"/portal/{amara.pk}/details", "/portal/preferences/",
        f"/portal/{amara.pk}/leave", "/contacts/",
    ):  # fmt: skip
        page.goto(path)
        assert not barriers_anywhere(page), path


def test_the_team_notes_that_a_contact_wants_no_mail_and_takes_it_back(page, sign_in, amara):
    sign_in(page, make_user(name="Mia"))
    page.goto(amara.get_absolute_url())
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Do not contact…").click()
    menu = page.get_by_role("group", name="Do not contact")
    menu.get_by_label("Reason").fill("Asked on the phone")
    menu.get_by_role("button", name="Do not contact").click()
    expect(page.get_by_text("Amara Okonkwo wants no mail.", exact=True)).to_be_visible()
    expect(page.get_by_text("Mia noted that this contact wants no mail")).to_be_visible()
    assert not barriers_anywhere(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name="May be contacted again").click()
    page.get_by_role("button", name="Allow mail again").click()
    expect(page.get_by_text("Amara Okonkwo wants no mail.", exact=True)).to_have_count(0)


def test_the_link_of_a_mail_stops_all_mail_with_one_press(page, amara):
    from contacts.unsubscribing import contact_to_stop, unsubscribe_address

    path = "/u/" + unsubscribe_address(amara).split("/u/")[1]
    assert contact_to_stop(path.split("/")[2]) == amara.pk
    page.goto(path)
    assert not barriers_anywhere(page)
    page.get_by_role("button", name="Stop mail").click()
    expect(page.get_by_role("heading", name="You get no more mail")).to_be_visible()
    amara.refresh_from_db()
    assert amara.do_not_contact_source == "recipient"
