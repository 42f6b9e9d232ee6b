"""In a language a third longer than English, nothing is cut off, and no page scrolls sideways."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.builders import make_comment, make_contact, make_user
from tests.pseudo import CODE, spoken

pytestmark = pytest.mark.django_db(transaction=True)

# Every element that shows text of its own which its box, or a box around it, hides. Those that say
# so (an ellipsis), and those for screen readers alone, are left out.
CUT_OFF = """() => {
  const found = [];
  const silent = element => element.closest('.vh, template, script, style, [hidden], svg');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement;
    if (!text.data.trim() || silent(element) || !element.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const shown = range.getBoundingClientRect();
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box), edges = box.getBoundingClientRect();
      if (edges.width <= 1) break;
      if (style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none') break;
      if (/auto|scroll/.test(style.overflowX)) break;
      if (style.overflowX !== 'visible' || /^(A|BUTTON|LABEL|SPAN)$/.test(box.tagName)) {
        if (shown.right > edges.right + 1.5 || shown.left < edges.left - 1.5) {
          found.push(text.data.trim() + ' in ' + box.tagName + '.' + box.className);
          break;
        }
      }
      if (style.position === 'fixed') break;
    }
  }
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push('the page is ' + wide + ' px too wide');
  return found;
}"""


@pytest.fixture
def visitor(
    page: Page, sign_in: Callable[[Page, Any], None], transactional_db: None, settings: Any
) -> Iterator[Page]:
    """Sign in an administrator who speaks it."""
    ada = make_user(name="Ada")
    type(ada).objects.filter(pk=ada.pk).update(language=CODE)
    with spoken(settings):
        sign_in(page, ada)
        yield page


@pytest.mark.parametrize("width", [1280, 390])
def test_longer_words_fit(visitor: Page, width: int) -> None:
    amara = make_contact(given_name="Amara", emails=["amara@example.org"], tags=["Key account"])
    make_comment(amara)
    amara.archive("Paused")
    amara.restore()
    visitor.set_viewport_size({"width": width, "height": 900})
    cut_off = {}
    for address in (
        "/",
        "/contacts/",
        "/contacts/new",
        amara.get_absolute_url(),
        f"{amara.get_absolute_url()}edit",
        f"{amara.get_absolute_url()}delete",
        f"{amara.get_absolute_url()}history",
        "/activity/",
        "/imports/",
        "/imports/new",
        "/preferences/",
        "/accounts/logout/",
    ):
        visitor.goto(address)
        if found := visitor.evaluate(CUT_OFF):
            cut_off[address.replace(str(amara.pk), "amara")] = found
    assert cut_off == {}
