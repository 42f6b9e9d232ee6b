"""What people wrote runs as its own letters do, whichever way the page runs."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)

# Where the last character stands within its line: 0 is the left end, 1 the right one.
LAST_CHARACTER = """element => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let text;
  while (walker.nextNode()) if (walker.currentNode.data.trim()) text = walker.currentNode;
  const end = text.data.trimEnd().length;
  const line = document.createRange(), last = document.createRange();
  line.selectNodeContents(text);
  last.setStart(text, end - 1);
  last.setEnd(text, end);
  const whole = line.getBoundingClientRect(), box = last.getBoundingClientRect();
  return (box.left + box.width / 2 - whole.left) / whole.width;
}"""


def ends_at_the_right(place: Locator) -> bool:
    return place.evaluate(LAST_CHARACTER) > 0.5


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_question_ends_with_its_mark_in_either_direction(
    page: Page, sign_in: Callable[[Page, Any], None], language: str
) -> None:
    ada = make_user(name="Ada", language=language)
    contact = make_contact(given_name="Amara", organisation="Calder & Sons Inc.", notes="Why now?")
    make_comment(contact, ada, "Who can delete this?\n\nمن يمكنه حذف هذا؟")
    sign_in(page, ada)
    page.goto(contact.get_absolute_url())
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    english, arabic = page.get_by_role("article").locator(".prose p").all()
    assert ends_at_the_right(english)
    assert not ends_at_the_right(arabic)
    assert ends_at_the_right(page.locator("dd").filter(has_text="Calder & Sons Inc."))
    assert ends_at_the_right(page.locator("p").filter(has_text="Why now?"))
