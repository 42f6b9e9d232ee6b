"""What others do shows on open pages by itself, and leaves alone whoever is at work on them."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect

from activity.context import acting
from contacts.models import Contact
from tests.builders import make_comment, make_contact, make_user
from tests.live import Served

pytestmark = pytest.mark.django_db(transaction=True)

# Whether the page has been scrolled far down, and stands where it stood a frame ago.
AT_REST = "() => [scrollY > 1000 && scrollY === window.before, window.before = scrollY][0]"


@pytest.fixture(scope="module")
def serving() -> Iterator[Served]:
    """Serve pages and streams for all tests of this file."""
    served = Served()
    served.start()
    yield served
    served.stop()


@pytest.fixture
def amara(transactional_db: None) -> Contact:
    """Make a contact that Ada has written about."""
    ada = make_user(name="Ada")
    with acting(actor=ada, channel="web"):
        contact = make_contact(owner=ada)
        for number in range(30):
            make_comment(contact, ada, body=f"Earlier {number}")
    return contact


@pytest.fixture
def visit(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Any], None], serving: Served
) -> Callable[..., Page]:
    """Return a function with which somebody opens a contact, and waits for the stream."""

    def visit(user: Any, contact: Contact, query: str = "", **options: Any) -> Page:
        page = open_page(base_url=serving.url, **options)
        sign_in(page, user)
        with page.expect_response(re.compile("/live/")):
            page.goto(contact.get_absolute_url() + query)
        return page

    return visit


def test_what_one_does_another_sees_while_typing(
    visit: Callable[..., Page], amara: Contact
) -> None:
    ada, ben = visit(amara.owner, amara), visit(make_user(name="Ben"), amara)
    words = ben.get_by_role("textbox", name="Comment")
    words.fill("Half a sentence")
    words.press("ArrowLeft")
    ada.get_by_role("textbox", name="Comment").fill("They called back")
    ada.get_by_role("button", name="Comment").click()
    expect(ben.locator("#days").get_by_text("They called back")).to_be_visible()
    assert words.input_value() == "Half a sentence"
    assert words.evaluate("field => field.selectionStart") == len("Half a sentence") - 1
    expect(words).to_be_focused()
    assert ben.evaluate("scrollY") == 0
    expect(ben.locator("#news")).to_have_text("1 new entry")
    expect(ada.locator("#days").get_by_text("They called back")).to_have_count(1)


def test_what_happens_is_seen_within_a_second(visit: Callable[..., Page], amara: Contact) -> None:
    ben = visit(make_user(name="Ben"), amara)
    comment = amara.comments.order_by("-id").first()
    happenings = {
        "#days": lambda text: make_comment(amara, amara.owner, body=text),
        f"#comment-{comment.pk}": lambda text: comment.edit(text, comment.version),
        "#details": lambda text: (setattr(amara, "job_title", text), amara.save()),
    }
    for place, happen in happenings.items():
        seconds = []
        for number in range(4):  # a busy machine makes some of them late, but not each
            with acting(actor=amara.owner, channel="web"):
                happen(f"Number {number} of {place}")
            began = time.monotonic()
            expect(ben.locator(place).get_by_text(f"Number {number}")).to_be_visible()
            seconds.append(time.monotonic() - began)
        assert min(seconds) < 1, (place, seconds)


def test_who_reads_further_down_is_told_and_asks_for_it(
    visit: Callable[..., Page], amara: Contact
) -> None:
    ben = visit(make_user(name="Ben"), amara)
    ben.mouse.wheel(0, 1500)
    ben.wait_for_function(AT_REST)
    place = ben.evaluate("scrollY")
    with acting(actor=amara.owner, channel="web"):
        make_comment(amara, amara.owner, body="Just in")
        make_comment(amara, amara.owner, body="And this")
    expect(ben.locator("#news").get_by_role("button", name="2 new")).to_be_visible()
    expect(ben.get_by_text("Just in")).to_have_count(0)
    assert ben.evaluate("scrollY") == place
    ben.get_by_role("button", name="2 new").click()
    expect(ben.get_by_text("Just in")).to_be_in_viewport()
    expect(ben.get_by_text("And this")).to_have_count(1)
    expect(ben.locator("#timeline-heading")).to_be_focused()
    expect(ben.locator("#news")).to_have_text("2 new entries")


def test_an_editor_in_use_stays_and_shows_the_change_once_it_is_left(
    visit: Callable[..., Page], amara: Contact
) -> None:
    with acting(actor=amara.owner, channel="web"):
        comment = make_comment(amara, amara.owner, body="Mine")
    ada = visit(amara.owner, amara)
    row = ada.locator(f".ev:has(#comment-{comment.pk})")
    row.get_by_role("link", name="Edit").click()
    editor = row.get_by_role("textbox")
    editor.fill("Mine, longer")
    comment.refresh_from_db()
    with ada.expect_response(re.compile("/newer")), acting(actor=amara.owner, channel="web"):
        comment.edit("Mine, from the phone", comment.version)
    with ada.expect_response(re.compile("/newer")), acting(actor=amara.owner, channel="web"):
        amara.archive("Paused")
    expect(ada.get_by_role("heading", name="Amara Okonkwo")).to_contain_text("Archived")
    expect(editor).to_have_value("Mine, longer")
    expect(editor).to_be_focused()
    expect(ada.locator("#news").get_by_role("button", name="1 new")).to_be_visible()
    row.get_by_role("link", name="Keep as it was").click()
    expect(ada.locator("#days").get_by_text("Mine, from the phone")).to_be_visible()


def test_a_changed_row_head_and_facts_change_in_place(
    visit: Callable[..., Page], amara: Contact
) -> None:
    ben = visit(make_user(name="Ben"), amara)
    comment = amara.comments.order_by("-id").first()
    with acting(actor=amara.owner, channel="web"):
        comment.edit("Said better", comment.version)
    expect(ben.locator("#days").get_by_text("Said better")).to_be_visible()
    with acting(actor=amara.owner, channel="web"):
        amara.job_title = "Head of Operations"
        amara.save()
    expect(ben.locator("#details").get_by_text("Head of Operations")).to_be_visible()
    expect(ben.locator("#head")).to_contain_text("Head of Operations at Calder & Wren")


def test_after_a_restart_nothing_is_missing_and_nothing_twice(
    browser: Browser, sign_in: Callable[[Page, Any], None], amara: Contact, serving: Served
) -> None:
    # A page of its own, as the browser reports the lost connection on its console.
    ben = browser.new_context(base_url=serving.url).new_page()
    sign_in(ben, make_user(name="Ben"))
    with ben.expect_response(re.compile("/live/")):
        ben.goto(amara.get_absolute_url())
    serving.stop()
    with acting(actor=amara.owner, channel="web"):
        make_comment(amara, amara.owner, body="While it was away")
    serving.start()
    expect(ben.get_by_text("While it was away")).to_be_visible()
    with acting(actor=amara.owner, channel="web"):
        make_comment(amara, amara.owner, body="Back again")
    expect(ben.get_by_text("Back again")).to_be_visible()
    expect(ben.get_by_text("While it was away")).to_have_count(1)
    ids = ben.locator("#days .ev[id]").evaluate_all("rows => rows.map(row => row.id)")
    assert ids == sorted(set(ids), key=lambda each: -int(each[2:]))
    ben.context.close()


def test_a_deletion_is_told_and_what_was_typed_stays(
    visit: Callable[..., Page], amara: Contact
) -> None:
    ben = visit(make_user(name="Ben"), amara)
    words = ben.get_by_role("textbox", name="Comment")
    words.fill("Not lost")
    with acting(actor=amara.owner, channel="web"):
        amara.delete(reason="Asked for it")
    expect(ben.locator("#news")).to_contain_text("Ada deleted this contact")
    expect(words).to_have_value("Not lost")


def test_nothing_leads_away_from_what_is_typed_when_the_session_has_ended(
    visit: Callable[..., Page], amara: Contact
) -> None:
    ben = visit(make_user(name="Ben"), amara)
    words = ben.get_by_role("textbox", name="Comment")
    words.fill("Not lost")
    Session.objects.all().delete()
    with ben.expect_response(re.compile("/newer")), acting(actor=amara.owner, channel="web"):
        make_comment(amara, amara.owner, body="For others")
    expect(words).to_have_value("Not lost")
    expect(ben.get_by_text("For others")).to_have_count(0)
