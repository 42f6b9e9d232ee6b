"""The main story by keyboard alone, as a screen reader tells it; docs/accessibility.md holds it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.builders import make_contact, make_user
from tests.flows.listening import ScreenReader

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = Path(__file__).parents[2] / "docs/accessibility.md"
BEGIN, END = "<!-- walk-through: begin -->\n", "<!-- walk-through: end -->\n"


class Walk:
    """Notes what is done, and what is said then."""

    def __init__(self, page: Page) -> None:
        self.page, self.reader = page, ScreenReader(page)
        self.lines = ["| step | what is done | what has the focus | what is announced besides |"]
        self.lines.append("| --- | --- | --- | --- |")

    def step(self, done: str, *, until: Any = None, says: str = "") -> None:
        """Note a step. `until` is a locator that shows that it is over, `says` a live region's."""
        if until is not None:
            expect(until).to_be_visible()
        if says:
            self.page.wait_for_function(
                "text => window.said.some(([, said]) => said.includes(text))", arg=says
            )
        focus, heard = self.reader.focused(), "; ".join(self.reader.heard()) or "–"
        self.lines.append(f"| {len(self.lines) - 1} | {done} | {focus} | {heard} |")

    def press(self, key: str, done: str = "", **waiting: Any) -> None:
        """Press a key and note what it does."""
        self.page.keyboard.press(key)
        self.step(f"`{key}`{done and ': '}{done}", **waiting)

    def tab_to(self, name: str, role: str = "button") -> None:
        """Tab on to a control and note it. Fails where it is not reached within 40 stops."""
        wanted = f"{role} “{name}”"
        for _stop in range(40):
            self.page.keyboard.press("Tab")
            if self.reader.focused().startswith(wanted):
                return self.step("`Tab`, to it")
        pytest.fail(f"{wanted} is not reached by Tab; the focus is on {self.reader.focused()}")


@pytest.fixture
def amara(transactional_db: None) -> Any:
    address = "amara@calderwren.example"
    make_contact(given_name="Henrik", family_name="Aalto")
    return make_contact(given_name="Amara", family_name="Okonkwo", emails=[address])


def test_the_walk_through_in_the_documents_is_what_happens(
    page: Page, sign_in: Callable[[Page, Any], None], amara: Any
) -> None:
    page.clock.install()  # messages of what was done stay as long as the walk takes
    sign_in(page, make_user(name="Ada"))
    walk = Walk(page)
    main = page.get_by_role("main")

    page.goto("/contacts/")
    walk.step("The list of contacts opens")
    walk.press("Tab", "the first stop leads past the navigation")
    walk.press("Enter")
    walk.press("/", "search")
    page.keyboard.type("okonk")
    walk.step("“okonk” is typed", says="1 contact")
    walk.tab_to("Amara Okonkwo", "link")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Amara Okonkwo").wait_for()
    page.wait_for_load_state()  # with its keys
    walk.step("`Enter`: the contact opens")
    walk.press("c", "write a comment")
    page.keyboard.press("Control+Enter")
    walk.step("`Control+Enter` with nothing typed", until=page.locator("[aria-invalid=true]"))
    page.keyboard.type("Call back on the 9th")
    page.keyboard.press("Control+Enter")
    walk.step("A text is typed, `Control+Enter`", says="Comment added")
    walk.tab_to("Add comment")
    walk.press("j", "the newest entry")
    walk.press("j", "the next one")
    walk.press("e", "archive: a menu opens and asks why")
    page.keyboard.type("Left the company")
    walk.tab_to("Archive")
    walk.press("Enter", "it is archived", says="Archived Amara Okonkwo")
    page.get_by_role("button", name="Undo").focus()
    walk.step("To the message of what was done, which waits for whoever is at it")
    walk.press("Enter", "undone", says="Restored Amara Okonkwo")
    main.get_by_role("link", name="Delete").focus()
    walk.step("To Delete")
    dialog = page.get_by_role("dialog")
    walk.press("Enter", "a dialog asks first", until=dialog)
    walk.press("Escape", "the dialog closes; the focus is where it was")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.type("Amara Okonkwo")
    walk.step("`Enter` again, and the name is typed")
    walk.tab_to("Delete for good")
    walk.press("Enter", "deleted", until=page.get_by_role("heading", name="was deleted"))

    story = "\n".join(walk.lines) + "\n"
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    if os.environ.get("WRITE_WALKTHROUGH"):
        DOCUMENT.write_text(f"{before}{BEGIN}{story}{END}{after}", encoding="utf-8")
    assert rest.split(END)[0] == story, "WRITE_WALKTHROUGH=1 writes it into docs/accessibility.md."
