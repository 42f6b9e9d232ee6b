"""Where the system replaces all colours, nothing that a colour said goes missing."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)
EDGES = """element => {
  const { borderTopStyle, borderTopWidth, outlineStyle, outlineWidth } = getComputedStyle(element);
  return {
    border: borderTopStyle === "none" ? 0 : parseFloat(borderTopWidth),
    outline: outlineStyle === "none" ? 0 : parseFloat(outlineWidth),
  };
}"""


def edges(place: Locator) -> dict[str, float]:
    return place.evaluate(EDGES)


def test_what_is_a_control_is_on_or_has_the_focus_is_seen_by_its_edge(
    page: Page, sign_in: Callable[[Page, Any], None]
) -> None:
    ada = make_user(name="Ada")
    contact = make_contact(emails=["amara@calder.example"])
    make_comment(contact, ada)
    sign_in(page, ada)
    page.emulate_media(forced_colors="active")
    page.goto(contact.get_absolute_url())
    for control in ("button", "link"):
        for each in page.locator("#head .btns").get_by_role(control).all():
            assert edges(each)["border"], each.inner_text()
    assert edges(page.locator("article.bubble"))["border"]
    assert edges(page.locator("#composer"))["border"]
    for chosen in ("nav [aria-current=page]", "#timeline-groups [aria-pressed=true]"):
        for each in page.locator(chosen).all():
            if each.is_visible() and "crumbs" not in each.evaluate(
                "each => each.parentNode.className"
            ):
                assert edges(each)["outline"], each.inner_text()
    page.keyboard.press("Tab")
    assert edges(page.locator(":focus"))["outline"] >= 2
