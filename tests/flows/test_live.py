"""What others do shows on open pages by itself, and leaves alone whoever is at work on them."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from activity.context import acting
from contacts.models import Contact
from tests.builders import make_comment, make_contact, make_user
from tests.live import Served

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = 1000  # milliseconds


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


def test_what_one_does_another_sees_within_a_second_while_typing(
    visit: Callable[..., Page], amara: Contact
) -> None:
    ada, ben = visit(amara.owner, amara), visit(make_user(name="Ben"), amara)
    words = ben.get_by_role("textbox", name="Comment")
    words.fill("Half a sentence")
    words.press("ArrowLeft")
    ada.get_by_role("textbox", name="Comment").fill("They called back")
    ada.get_by_role("button", name="Comment").click()
    expect(ben.locator("#days").get_by_text("They called back")).to_be_visible(timeout=SECOND)
    assert words.input_value() == "Half a sentence"
    assert words.evaluate("field => field.selectionStart") == len("Half a sentence") - 1
    expect(words).to_be_focused()
    assert ben.evaluate("scrollY") == 0
    expect(ben.locator("#news")).to_have_text("1 new entry")
    expect(ada.locator("#days").get_by_text("They called back")).to_have_count(1)
