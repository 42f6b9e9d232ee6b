"""A message from the composer to its state on the row, as a browser drives it."""

import pytest
from django.core import mail as outbox
from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts import mail
from contacts.models import Delivery, Message
from tests.barriers import barriers_anywhere
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mia(page, sign_in):
    user = make_user(name="Mia")
    sign_in(page, user)
    return user


@pytest.fixture
def ana():
    return make_contact(given_name="Ana", emails=["ana@calder.example", "office@calder.example"])


def deliver() -> None:
    """Do what the worker does when the time to think again is over."""
    Delivery.objects.filter(state="queued").update(due_at=timezone.now())
    for pk in Delivery.objects.filter(state="queued").values_list("pk", flat=True):
        mail.deliver(pk)


def test_mia_sends_a_message_with_a_file_and_sees_it_leave(page: Page, mia, ana, settings) -> None:
    settings.MESSAGE_GRACE_SECONDS = 600
    page.goto(ana.get_absolute_url())
    page.get_by_role("link", name="Message", exact=True).first.click()
    field = page.get_by_label("Message", exact=True)
    expect(field).to_be_focused()
    field.fill("Hello **Ana**")
    page.get_by_label("Subject").fill("Dates")
    page.get_by_label("Attach files").set_input_files(
        [{"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Page 4"}]
    )
    page.locator("#message-address").select_option("office@calder.example")
    page.get_by_role("button", name="Send to office@calder.example").click()
    row = page.get_by_role("article").filter(has_text="Hello Ana")
    expect(row).to_contain_text("Queued, leaves at")
    expect(row.get_by_role("link", name="plan.txt")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("Leaves in 600 seconds")
    expect(field).to_have_value("")
    expect(page.get_by_label("Subject")).to_have_value("")
    field.fill("The next one")
    field.evaluate("field => field.setSelectionRange(4, 8)")
    page.evaluate("scrollTo(0, 40)")
    deliver()
    expect(row).to_contain_text("Sent")
    assert field.evaluate("field => [field.selectionStart, field.selectionEnd]") == [4, 8]
    expect(field).to_be_focused()
    expect(field).to_have_value("The next one")
    assert page.evaluate("scrollY") == 40
    assert "hx-trigger" not in row.evaluate("row => row.outerHTML")
    [sent] = outbox.outbox
    assert (sent.to, sent.subject) == (["office@calder.example"], "Dates")


def test_she_takes_it_back_from_the_toast_and_from_its_row(page: Page, mia, ana, settings) -> None:
    settings.MESSAGE_GRACE_SECONDS = 600
    page.goto(f"{ana.get_absolute_url()}?compose=message#composer")
    for text, button in (("First", "Undo"), ("Second", "Don’t send")):
        page.get_by_label("Message", exact=True).fill(text)
        page.get_by_role("button", name="Send to").click()
        row = page.get_by_role("article").filter(has_text=text)
        expect(row).to_contain_text("Queued")
        page.get_by_role("button", name=button).first.click()
        expect(row).to_contain_text("Mia took it back.")
    assert {each.state for each in Delivery.objects.all()} == {"cancelled"}


def test_taken_back_to_be_edited_it_is_written_anew(page: Page, mia, ana, settings) -> None:
    settings.MESSAGE_GRACE_SECONDS = 600
    Message.send(ana, author=mia, address=ana.email, subject="Dates", body="In Mai")
    page.goto(ana.get_absolute_url())
    page.get_by_role("button", name="Edit", exact=True).click()
    field = page.get_by_label("Message", exact=True)
    expect(field).to_have_value("In Mai")
    expect(field).to_be_focused()
    expect(page.get_by_role("article")).to_contain_text("Cancelled")
    field.fill("In May")
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("article").first).to_contain_text("In May")


def test_what_was_typed_in_each_tab_is_there_on_return(page: Page, mia, ana) -> None:
    page.goto(ana.get_absolute_url())
    tabs = page.get_by_role("navigation", name="What to write")
    page.get_by_label("Comment, visible").fill("For us")
    tabs.get_by_role("link", name="Message").click()
    page.get_by_label("Subject").fill("Dates")
    page.get_by_label("Message", exact=True).fill("For Ana")
    tabs.get_by_role("link", name="Comment").click()
    expect(page.get_by_label("Comment, visible")).to_have_value("For us")
    tabs.get_by_role("link", name="Message").click()
    expect(page.get_by_label("Message", exact=True)).to_have_value("For Ana")
    expect(page.get_by_label("Subject")).to_have_value("Dates")


def test_a_mistake_costs_neither_text_nor_files(page: Page, mia, ana) -> None:
    page.goto(f"{ana.get_absolute_url()}?compose=message#composer")
    page.get_by_label("Subject").fill("x" * 201)
    page.get_by_label("Message", exact=True).fill("For Ana")
    files = page.get_by_label("Attach files")
    files.set_input_files([{"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Page 4"}])
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_text("That is 201 characters")).to_be_visible()
    expect(page.get_by_label("Subject")).to_be_focused()
    assert files.evaluate("field => field.files.length") == 1
    page.get_by_label("Subject").fill("Dates")
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_role("link", name="plan.txt")).to_be_visible()
    assert Message.objects.get().body == "For Ana"


def test_restoring_opens_the_composer_that_was_closed(page: Page, sign_in, ana) -> None:
    sign_in(page, make_user(name="Mia"))
    ana.archive()
    page.goto(f"{ana.get_absolute_url()}?compose=message#composer")
    expect(page.get_by_text("Restore this contact to write a message.")).to_be_visible()
    page.locator("#restore").click()
    expect(page.get_by_role("button", name="Send to ana@calder.example")).to_be_visible()


def test_it_goes_to_another_address_from_its_row(page: Page, mia, ana) -> None:
    message = Message.send(ana, author=mia, address=ana.email, body="Hello Ana")
    Delivery.objects.filter(message=message).update(state="sending", attempts=1)
    Delivery.objects.get().failed("No such mailbox.")
    page.goto(ana.get_absolute_url())
    page.get_by_role("button", name="Change address").click()
    page.get_by_role("group", name="Send to").get_by_role(
        "button", name="office@calder.example"
    ).click()
    expect(page.get_by_role("article")).to_contain_text("Queued")
    deliver()
    expect(page.get_by_role("article")).to_contain_text("Sent")
    assert outbox.outbox[0].to == ["office@calder.example"]


def test_all_of_it_works_without_scripts(open_page, sign_in, ana, settings) -> None:
    settings.MESSAGE_GRACE_SECONDS = 600
    page = open_page(java_script_enabled=False)
    sign_in(page, make_user(name="Mia"))
    page.goto(ana.get_absolute_url())
    page.get_by_role("link", name="Message", exact=True).first.click()
    page.locator("#message-address").select_option("office@calder.example")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Write something first.")).to_be_visible()
    expect(page.locator("#message-address")).to_have_value("office@calder.example")
    page.get_by_label("Message", exact=True).fill("Hello Ana")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("article")).to_contain_text("Queued")
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_label("Message", exact=True)).to_have_value("Hello Ana")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Don’t send").click()
    expect(page.get_by_text("Cancelled. Nothing was sent.")).to_be_visible()
    assert [each.state for each in Delivery.objects.all()] == ["cancelled", "cancelled"]


def test_nobody_is_kept_from_writing_and_reading(page: Page, mia, ana) -> None:
    states = ["queued", "sending", "sent", "failed", "bounced", "cancelled", "uncertain"]
    for state in states:
        message = Message.send(ana, author=mia, address=ana.email, body="Hello", subject=state)
        Delivery.objects.filter(message=message).update(
            state=state, attempts=1, error="It is full.", finished_at=timezone.now()
        )
    Message.receive(ana, body="When?", quoted="> Then", via="email", is_automatic=True)
    make_comment(ana, mia)
    page.goto(f"{ana.get_absolute_url()}?compose=message#composer")
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_text("Write something first.")).to_be_visible()
    page.get_by_text("Quoted text").click()
    assert not barriers_anywhere(page)


def test_a_waiting_row_whose_message_is_gone_goes_too(page: Page, mia, ana, settings) -> None:
    settings.MESSAGE_GRACE_SECONDS = 600
    Message.send(ana, author=mia, address=ana.email, body="Hello Ana")
    page.goto(ana.get_absolute_url())
    expect(page.get_by_role("article")).to_be_visible()
    ana.delete()
    expect(page.get_by_role("article")).to_have_count(0)
